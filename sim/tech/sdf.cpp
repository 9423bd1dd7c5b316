#include "sim/tech/sdf.h"

#include <cctype>

#include <fmt/format.h>

#include "sim/base/files.h"

namespace togglewise::tech {
namespace {

std::string escaped(const std::string& name) {
  std::string result;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_') result += '\\';
    result += c;
  }
  return result;
}

std::string io_path(const std::string& from, const std::string& to, const EdgeDelays& delays) {
  return fmt::format(
      "        (IOPATH {0} {1} ({2:.6f}:{2:.6f}:{2:.6f}) ({3:.6f}:{3:.6f}:{3:.6f}))\n",
      escaped(from), escaped(to), delays.rise_ps * 1e-3, delays.fall_ps * 1e-3);
}

std::string io_paths(const Cell& cell, const NetlistDelays& delays) {
  const LibraryCell& type = *cell.type;
  std::string result;
  for (const int pin : type.outputs) {
    const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
    if (net == kNone) continue;
    const LibraryPin& output = type.pins[static_cast<std::size_t>(pin)];
    if (type.is_register()) {
      result += io_path(type.flip_flop->clocked_on, output.name,
                        delays.launch[static_cast<std::size_t>(net)]);
      continue;
    }
    for (std::size_t i = 0; i < type.inputs.size(); ++i) {
      if (!output.function->depends_on(static_cast<int>(i))) continue;
      result += io_path(type.pins[static_cast<std::size_t>(type.inputs[i])].name, output.name,
                        delays.arcs[static_cast<std::size_t>(net)][i]);
    }
  }
  return result;
}

}  // namespace

std::string sdf_text(const Netlist& netlist, const NetlistDelays& delays) {
  const CellLibrary& library = netlist.library();
  std::string text = fmt::format(
      "(DELAYFILE\n"
      "  (SDFVERSION \"3.0\")\n"
      "  (DESIGN \"{0}\")\n"
      "  (VENDOR \"{1}\")\n"
      "  (PROGRAM \"togglewise\")\n"
      "  (DIVIDER .)\n"
      "  (VOLTAGE {2:.3f}:{2:.3f}:{2:.3f})\n"
      "  (TEMPERATURE {3:.1f}:{3:.1f}:{3:.1f})\n"
      "  (TIMESCALE 1ns)\n",
      netlist.top(), library.name(), library.voltage(), library.temperature_celsius());
  for (const Cell& cell : netlist.cells()) {
    const std::string paths = io_paths(cell, delays);
    if (paths.empty()) continue;
    text += fmt::format(
        "  (CELL (CELLTYPE \"{}\") (INSTANCE {})\n"
        "    (DELAY\n"
        "      (ABSOLUTE\n"
        "{}"
        "      )\n"
        "    )\n"
        "  )\n",
        cell.type->name, escaped(cell.name), paths);
  }
  return text + ")\n";
}

void write_sdf(const std::filesystem::path& path, const Netlist& netlist,
               const NetlistDelays& delays) {
  write_file_atomically(path, sdf_text(netlist, delays));
}

}  // namespace togglewise::tech
