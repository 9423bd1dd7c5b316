// CellLibrary::read and ::parse: one pass over the file, cell by cell.
#include <optional>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/tech/cell_builder.h"
#include "sim/tech/cell_library.h"
#include "sim/tech/liberty_head.h"
#include "sim/tech/liberty_parser.h"
#include "sim/tech/liberty_vocabulary.h"

namespace togglewise::tech {

class CellLibraryReader {
 public:
  explicit CellLibraryReader(LibertySource& source)
      : source_(source), values_(source.name()), head_(values_) {}

  std::shared_ptr<const CellLibrary> read() {
    pass();
    if (is_head_late_) {
      // Units or templates stand behind cells that need them: once more, with all of them known.
      is_head_complete_ = true;
      first_problem_.reset();
      source_.rewind();
      pass();
    }
    if (first_problem_) throw Error(*first_problem_);
    finish();
    return library_;
  }

 private:
  void pass() {
    library_ = std::make_shared<CellLibrary>();
    cells_ = std::make_unique<CellBuilder>(head_, values_, library_->notes_);
    LibertyHandler handler;
    handler.library = [this](const LibertyGroup& group) {
      library_->name_ = group.argument();
      position_ = group.position;
    };
    handler.wanted = [this](const LibertyGroup& parent, const LibertyGroup& header) {
      return is_wanted(parent, header);
    };
    handler.attribute = [this](const LibertyAttribute& attribute) { read_attribute(attribute); };
    handler.group = [this](const LibertyGroup& group) { read_group(group); };
    try {
      parse_liberty(source_, handler);
    } catch (const Error& problem) {
      // A cell that could not be read comes before whatever has stopped the parser.
      if (!first_problem_) throw;
      throw Error(*first_problem_);
    }
  }

  // After a cell that cannot be read only the head is of interest: it may explain the problem.
  bool is_wanted(const LibertyGroup& parent, const LibertyGroup& header) {
    if (parent.name == "bus" || parent.name == "bundle") return false;
    if (header.name == "cell" && first_problem_) return false;
    switch (group_use(header.name)) {
      case GroupUse::read:
        return true;
      case GroupUse::ignored:
        return false;
      case GroupUse::skipped:
        library_->notes_.add(NoteKind::skipped_group, header.name, header.position.line);
        return false;
      case GroupUse::unknown:
        break;
    }
    if (own_names_.count(std::string(header.name)) == 0) {
      library_->notes_.add(NoteKind::unknown_group, header.name, header.position.line);
    }
    return false;
  }

  void read_attribute(const LibertyAttribute& attribute) {
    note_unknown(attribute);
    const std::string first = attribute.values.empty() ? "" : attribute.values.front().text();
    if (attribute.name == "define" || attribute.name == "define_group") own_names_.insert(first);
    const bool ignores_model = attribute.name == "delay_model" && first != "table_lookup";
    const bool ignores_derate =
        attribute.name == "slew_derate_from_library" && values_.number(attribute) != 1.0;
    if (ignores_model || ignores_derate) {
      library_->notes_.add(NoteKind::ignored_attribute,
                           fmt::format("{} : {}", attribute.name, first), attribute.position.line);
    }
    if (!is_head_complete_ && head_.read(attribute)) note_late_head();
  }

  void read_group(const LibertyGroup& group) {
    note_unknown(group);
    if (group.name != "cell") {
      if (!is_head_complete_ && head_.read(group)) note_late_head();
      return;
    }
    if (is_head_complete_) {
      add_cell(group);
      return;
    }
    try {
      add_cell(group);
    } catch (const Error& problem) {
      first_problem_ = problem;
    }
  }

  void add_cell(const LibertyGroup& group) {
    LibraryCell cell = cells_->build(group);
    const auto [entry, is_new] = library_->index_.try_emplace(cell.name, library_->cells_.size());
    if (!is_new) {
      throw values_
          .bad("TW-LIB-009",
               fmt::format("cell {} stands twice in the library, first at line {}", cell.name,
                           library_->cells_[entry->second].line),
               group.position)
          .expected("each cell once");
    }
    library_->cells_.push_back(std::move(cell));
  }

  void note_late_head() {
    if (!library_->cells_.empty() || first_problem_) is_head_late_ = true;
  }

  void note_unknown(const LibertyAttribute& attribute) {
    if (is_liberty_attribute(attribute.name)) return;
    if (own_names_.count(std::string(attribute.name)) != 0) return;
    library_->notes_.add(NoteKind::unknown_attribute, attribute.name, attribute.position.line);
  }
  void note_unknown(const LibertyGroup& group) {
    for (const LibertyAttribute& attribute : group.attributes) note_unknown(attribute);
    for (const LibertyGroup& child : group.groups) note_unknown(child);
  }

  void finish() {
    const std::optional<double> voltage = head_.voltage();
    if (!voltage) {
      throw values_.bad("TW-LIB-003", "the library gives no nominal voltage", position_)
          .expected("nom_voltage : <number>;");
    }
    if (library_->cells_.empty()) {
      throw values_
          .bad("TW-LIB-003", fmt::format("library '{}' has no cells", library_->name_), position_)
          .expected("cell (<name>) { … }");
    }
    library_->file_ = source_.name();
    library_->voltage_ = *voltage;
    library_->temperature_celsius_ = head_.temperature_celsius();
    library_->cells_.shrink_to_fit();
  }

  LibertySource& source_;
  LibertyValues values_;
  LibertyHead head_;
  bool is_head_complete_ = false;
  bool is_head_late_ = false;
  std::shared_ptr<CellLibrary> library_;
  std::unique_ptr<CellBuilder> cells_;
  LibertyPosition position_;
  std::optional<Error> first_problem_;
  std::unordered_set<std::string> own_names_;  // what the library defines itself
};

std::shared_ptr<const CellLibrary> CellLibrary::read(const std::filesystem::path& path) {
  LibertySource source(path);
  return CellLibraryReader(source).read();
}

std::shared_ptr<const CellLibrary> CellLibrary::parse(const std::string& text,
                                                      const std::string& file) {
  LibertySource source(text, file);
  return CellLibraryReader(source).read();
}

}  // namespace togglewise::tech
