// Calls TF_SessionRun from a number of threads. Each line on standard input, a number of milliseconds, is answered by the
// calls a second that were made in about that time.
// run FOLDER CONFIG_HEX INPUT_OPERATION OUTPUT_OPERATION OUTPUT_INDEX THREADS DIMENSION...
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "tensorflow/c/c_api.h"

static TF_Session *session;
static TF_Output input, output;
static int64_t dims[8];
static int rank;
static size_t bytes;
static float *pixels;
static double deadline;

static double now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec + at.tv_nsec / 1e9;
}

static void must(TF_Status *status) {
  if (TF_GetCode(status) == TF_OK) return;
  fprintf(stderr, "%s\n", TF_Message(status));
  exit(1);
}

static void *lane(void *argument) {
  long *calls = argument;
  TF_Status *status = TF_NewStatus();
  do {
    TF_Tensor *fed = TF_AllocateTensor(TF_FLOAT, dims, rank, bytes);
    TF_Tensor *found = NULL;
    memcpy(TF_TensorData(fed), pixels, bytes);
    TF_SessionRun(session, NULL, &input, &fed, 1, &output, &found, 1, NULL, 0, NULL, status);
    must(status);
    void *copy = malloc(TF_TensorByteSize(found));
    memcpy(copy, TF_TensorData(found), TF_TensorByteSize(found));
    free(copy);
    TF_DeleteTensor(found);
    TF_DeleteTensor(fed);
    ++*calls;
  } while (now() < deadline);
  TF_DeleteStatus(status);
  return NULL;
}

int main(int count, char **words) {
  if (count < 8 || count > 15) return 2;
  unsigned char config[256];
  size_t length = strlen(words[2]) / 2;
  for (size_t at = 0; at < length && at < sizeof config; at++) sscanf(words[2] + 2 * at, "%2hhx", &config[at]);
  TF_Status *status = TF_NewStatus();
  TF_SessionOptions *options = TF_NewSessionOptions();
  TF_SetConfig(options, config, length, status);
  must(status);
  TF_Graph *graph = TF_NewGraph();
  const char *tags[] = {"serve"};
  session = TF_LoadSessionFromSavedModel(options, NULL, words[1], tags, 1, graph, NULL, status);
  must(status);
  input.oper = TF_GraphOperationByName(graph, words[3]);
  input.index = 0;
  output.oper = TF_GraphOperationByName(graph, words[4]);
  output.index = atoi(words[5]);
  int threads = atoi(words[6]);
  bytes = sizeof(float);
  for (rank = 0; rank + 7 < count; rank++) bytes *= dims[rank] = atoll(words[rank + 7]);
  pixels = malloc(bytes);
  for (size_t at = 0; at < bytes / sizeof(float); at++) pixels[at] = (at * 7919 % 256) / 255.0f;
  pthread_t *started = calloc(threads, sizeof *started);
  long *calls = calloc(threads, sizeof *calls);
  int milliseconds;
  while (scanf("%d", &milliseconds) == 1) {
    double start = now();
    deadline = start + milliseconds / 1e3;
    memset(calls, 0, threads * sizeof *calls);
    for (int at = 0; at < threads; at++) pthread_create(&started[at], NULL, lane, &calls[at]);
    long all = 0;
    for (int at = 0; at < threads; at++) {
      pthread_join(started[at], NULL);
      all += calls[at];
    }
    printf("%f\n", all / (now() - start));
    fflush(stdout);
  }
  return 0;
}
