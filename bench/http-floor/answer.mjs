// What both servers answer.
export const scores = [0, 1, 0, 0, 0.25, 0, 0, 0.5, 0, 0];
