"""config.json: what TensorFlow's own encoder makes of a ConfigProto or RunOptions, by the options that mean it."""

import json
import pathlib

import tensorflow as tf
from google.protobuf import text_format

CONFIG, RUN = tf.compat.v1.ConfigProto, tf.compat.v1.RunOptions
SOFT = "allow_soft_placement: true"
CALLER = "inter_op_parallelism_threads: -1 experimental { disable_thread_spinning: true }"
CASES = [
    (CONFIG, {}, f"{CALLER} {SOFT}"),
    (CONFIG, {"intraOpThreads": 3}, f"{CALLER} {SOFT} intra_op_parallelism_threads: 3"),
    (CONFIG, {"interOpThreads": 300}, f"{CALLER.replace('-1', '300')} {SOFT}"),
    (CONFIG, {"softPlacement": False}, CALLER),
    (CONFIG, {"gpu": {}}, f"{CALLER} {SOFT} gpu_options {{}}"),
    (
        CONFIG,
        {"gpu": {"memoryFraction": 0.3, "allowGrowth": True, "visibleDevices": [2, 0]}},
        f'{CALLER} {SOFT} gpu_options {{ per_process_gpu_memory_fraction: 0.3 allow_growth: true visible_device_list: "2,0" }}',
    ),
    (CONFIG, {"gpu": {"visibleDevices": []}}, f'{CALLER} {SOFT} gpu_options {{ visible_device_list: "-1" }}'),
    (CONFIG, {"xlaLevel": 0}, f"{CALLER} {SOFT} graph_options {{ optimizer_options {{ global_jit_level: OFF }} }}"),
    (
        CONFIG,
        {"xlaLevel": 1},
        f"{CALLER} {SOFT} graph_options {{ optimizer_options {{ global_jit_level: ON_1 cpu_global_jit: true }} }}",
    ),
    (
        CONFIG,
        {"xlaLevel": 2},
        f"{CALLER} {SOFT} graph_options {{ optimizer_options {{ global_jit_level: ON_2 cpu_global_jit: true }} }}",
    ),
    (RUN, {"timeoutMs": 1500.2}, "timeout_in_ms: 1501"),
    (RUN, {"timeoutMs": 2147483647}, "timeout_in_ms: 2147483647"),
]

rows = [
    {
        "message": kind.DESCRIPTOR.name,
        "options": options,
        "bytes": text_format.Parse(text, kind()).SerializeToString(deterministic=True).hex(),
    }
    for kind, options, text in CASES
]
path = pathlib.Path(__file__).with_name("config.json")
path.write_text(json.dumps(rows, indent=2) + "\n")
