#include "sim/report/html_training.h"

#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "sim/report/number_format.h"

namespace togglewise::report {
namespace {

using Align = ConsoleTable::Align;

std::string accuracy_table(const Json& train) {
  HtmlTable table({{"Network", "", Align::left},
                   {"Images", "", Align::left},
                   {"Count", ""},
                   {"Right", ""},
                   {"Accuracy", "% top-1"}},
                  "Accuracy of the dense network");
  const auto add = [&](const char* network, const char* images, const std::string& path) {
    const double percent = number_at(train, path + ".top1_percent");
    if (!std::isfinite(percent)) return;
    table.add_row({network, images, format_fixed(number_at(train, path + ".images"), 0),
                   format_fixed(number_at(train, path + ".correct"), 0), format_fixed(percent, 2)});
  };
  add("int8, integer engine", "test", "accuracy.test");
  add("int8, integer engine", "held out of training", "accuracy.holdout");
  add("real numbers", "held out of training", "accuracy.float_holdout");
  return table.html();
}

std::string epoch_table(const Json& train) {
  const Json& epochs = array_at(train, "epochs");
  if (epochs.empty()) return "";
  HtmlTable table({{"Epoch", ""},
                   {"Phase", "", Align::left},
                   {"Learning rate", "at its end"},
                   {"Mean loss", ""},
                   {"Training accuracy", "% top-1"}});
  for (const Json& epoch : epochs) {
    table.add_row({format_fixed(number_at(epoch, "epoch"), 0), text_at(epoch, "phase"),
                   format_digits(number_at(epoch, "final_learning_rate"), 3),
                   format_digits(number_at(epoch, "mean_loss"), 4),
                   format_fixed(number_at(epoch, "training_top1_percent"), 2)});
  }
  return "<details><summary>Epochs</summary>\n" + table.html() + "</details>\n";
}

}  // namespace

void add_training_section(Page& page, const ResultFiles& results) {
  const ResultFile* train = results.first("train");
  if (train == nullptr) {
    page.absent.push_back("Training: 'togglewise train' trains the dense int8 network.");
    return;
  }
  Section section{"training", "Training of the dense network", ""};
  section.body +=
      html_paragraph(fmt::format("Workload {}; {} training images, {} held out, {} for the test.",
                                 text_at(train->json, "workload.name"),
                                 format_fixed(number_at(train->json, "dataset.training_images"), 0),
                                 format_fixed(number_at(train->json, "dataset.holdout_images"), 0),
                                 format_fixed(number_at(train->json, "dataset.test_images"), 0)));
  section.body += accuracy_table(train->json) + epoch_table(train->json);
  page.sections.push_back(std::move(section));
}

}  // namespace togglewise::report
