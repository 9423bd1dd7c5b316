#include "sim/activity/saif_writer.h"

#include <iterator>

#include <fmt/format.h>

#include "sim/base/version.h"

namespace togglewise::activity {

std::string saif_name(const std::string& name) {
  std::string escaped;
  for (const char c : name) {
    if (c == '[' || c == ']') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

SaifWriter::SaifWriter(std::ostream& out, const std::string& design, std::uint64_t duration_ps)
    : out_(out) {
  out_ << fmt::format(
      "(SAIFILE\n(SAIFVERSION \"2.0\")\n(DIRECTION \"backward\")\n(DESIGN \"{}\")\n"
      "(VENDOR \"Togglewise\")\n(PROGRAM_NAME \"togglewise\")\n(VERSION \"{}\")\n(DIVIDER / )\n"
      "(TIMESCALE 1 ps)\n(DURATION {})\n",
      design, kVersion, duration_ps);
}

void SaifWriter::indent() { out_ << std::string(static_cast<std::size_t>(2 * depth_), ' '); }

void SaifWriter::close_nets() {
  if (!in_nets_) return;
  in_nets_ = false;
  indent();
  out_ << ")\n";
}

void SaifWriter::begin_instance(const std::string& name) {
  close_nets();
  indent();
  out_ << "(INSTANCE " << saif_name(name) << '\n';
  ++depth_;
}

void SaifWriter::net(const std::string& name, const NetActivity& activity) {
  if (!in_nets_) {
    indent();
    out_ << "(NET\n";
    in_nets_ = true;
  }
  indent();
  fmt::format_to(std::ostreambuf_iterator<char>(out_),
                 " ({} (T0 {}) (T1 {}) (TX 0) (TC {}) (IG {}))\n", saif_name(name),
                 activity.time_zero_ps, activity.time_one_ps, activity.toggles,
                 activity.swallowed_edges);
}

void SaifWriter::end_instance() {
  close_nets();
  --depth_;
  indent();
  out_ << ")\n";
}

void SaifWriter::finish() { out_ << ")\n"; }

}  // namespace togglewise::activity
