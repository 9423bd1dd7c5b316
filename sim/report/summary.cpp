#include "sim/report/summary.h"

#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "sim/report/console_table.h"
#include "sim/report/number_format.h"

namespace togglewise::report {
namespace {

constexpr double kMicrojoulesPerFemtojoule = 1e-9;

class Summary {
 public:
  Summary()
      : table_({{"", "", ConsoleTable::Align::left},
                {"before", ""},
                {"after", ""},
                {"change", ""},
                {"measured on", "", ConsoleTable::Align::left}}) {}

  // Energy per image under `key` of a "total" object.
  void add_energy(const std::string& name, const Json& validate, const std::string& key) {
    const double before = number_at(validate, "gate.before.total." + key);
    const double after = number_at(validate, "gate.after.total." + key);
    if (std::isnan(before) || std::isnan(after)) return;
    add(name, format_digits(before * kMicrojoulesPerFemtojoule, 4),
        format_digits(after * kMicrojoulesPerFemtojoule, 4),
        format_change(relative_change(before, after)), text_at(validate, "image_source"));
  }

  void add_accuracy(const std::string& name, const Json& compress, const std::string& images) {
    const double before = number_at(compress, "accuracy." + images + ".before.top1_percent");
    const double after = number_at(compress, "accuracy." + images + ".after.top1_percent");
    const double count = number_at(compress, "accuracy." + images + ".after.images");
    if (std::isnan(before) || std::isnan(after) || std::isnan(count)) return;
    add(name, format_fixed(before, 2), format_fixed(after, 2),
        fmt::format("{} points", format_fixed(after - before, 2)),
        fmt::format("{} images", format_count(static_cast<std::uint64_t>(count))));
  }

  void add_lockstep(const Json& validate) {
    const double compared = number_at(validate, "lockstep.partial_sum_comparisons");
    const double mismatches = number_at(validate, "lockstep.mismatches");
    if (std::isnan(compared) || std::isnan(mismatches)) return;
    add("RTL partial sums unlike SystemC's", "",
        format_count(static_cast<std::uint64_t>(mismatches)), "",
        fmt::format("{} comparisons", format_count(static_cast<std::uint64_t>(compared))));
  }

  std::string text() const { return rows_ == 0 ? "" : table_.text(); }

 private:
  void add(const std::string& name, std::string before, std::string after, std::string change,
           std::string source) {
    table_.add_row(
        {name, std::move(before), std::move(after), std::move(change), std::move(source)});
    ++rows_;
  }

  ConsoleTable table_;
  int rows_ = 0;
};

}  // namespace

std::string summary_text(const ResultFiles& results) {
  Summary summary;
  if (const ResultFile* validate = results.first("validate")) {
    summary.add_energy("MAC dynamic energy, gate level, µJ/image", validate->json,
                       "mac_dynamic_fj_per_image");
    summary.add_energy("dynamic energy of the array, µJ/image", validate->json,
                       "dynamic_fj_per_image");
    summary.add_energy("total with clock and leakage, µJ/image", validate->json,
                       "total_fj_per_image");
  }
  if (const ResultFile* compress = results.first("compress")) {
    summary.add_accuracy("top-1 of the integer network, test, %", compress->json, "test");
    summary.add_accuracy("top-1, held out of training, %", compress->json, "holdout");
  }
  if (const ResultFile* validate = results.first("validate")) summary.add_lockstep(validate->json);
  return summary.text();
}

}  // namespace togglewise::report
