// A state of training inside a checkpoint.
#pragma once

#include "compress/run/sgd.h"
#include "compress/run/tensor_file.h"
#include "compress/run/train_epoch.h"

namespace togglewise::compress {

// Adds parameters, statistics and, unless it is null, the optimizer's momentum to `file`.
void add_state(const TrainingState& state, const Sgd* optimizer, TensorFile& file);

// Puts them back in place (the optimizer shares the parameters' memory). Throws TW-CKPT-002 when
// the file is of another network; `source` is its name in the message.
void restore_state(const TensorFile& file, const std::string& source, TrainingState& state,
                   Sgd* optimizer);

}  // namespace togglewise::compress
