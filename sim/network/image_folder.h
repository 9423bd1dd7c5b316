// Images that lie as one folder per class.
#pragma once

#include <filesystem>

#include "sim/config/workload_config.h"
#include "sim/network/dataset.h"

namespace togglewise::network {

// The images of `files.directory`/`part` ("train" or "test"), a folder for each of `files.classes`
// (empty: those of train). The first image of every class by file name, in the order of the labels,
// then the second of every class, and so on: the first images of a set are of all classes. Throws
// TW-DATA-001 (no such folder), TW-DATA-008 (an image that cannot be read), TW-DATA-009 (images of
// another shape than `files` states or than the first training image has), TW-DATA-010 (class
// folders).
Dataset read_image_folder(const config::WorkloadConfig::Dataset& files, const char* part);

}  // namespace togglewise::network
