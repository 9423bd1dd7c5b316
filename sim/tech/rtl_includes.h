// The files that RTL pulls in with `include: they decide a netlist as much as the files named in
// the configuration, so the synthesis cache has to know them.
#pragma once

#include <filesystem>
#include <vector>

namespace togglewise::tech {

// All files that these include, directly or through others, in the order in which they are met; a
// name is looked for beside the file that includes it, as yosys does. Conditional compilation is
// not followed: a file counts even in a branch that is not taken, and one that is not there is left
// to yosys to miss. Throws TW-SYN-006 where the name is not a literal.
std::vector<std::filesystem::path> included_files(
    const std::vector<std::filesystem::path>& rtl_files);

}  // namespace togglewise::tech
