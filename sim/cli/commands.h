// The commands of the program; each add_… declares a subcommand and what runs when it is chosen.
#pragma once

namespace CLI {
class App;
}

namespace togglewise::cli {

void add_calibrate_command(CLI::App& app);
void add_delays_command(CLI::App& app);
void add_export_accelergy_command(CLI::App& app);
void add_export_activity_command(CLI::App& app);
void add_map_command(CLI::App& app);
void add_quantize_command(CLI::App& app);
void add_simulate_command(CLI::App& app);
void add_validate_command(CLI::App& app);
void add_report_command(CLI::App& app);
void add_study_command(CLI::App& app);
void add_sweep_command(CLI::App& app);

// `train`, `compress` and `compare` are done by the second program, togglewise-compress, which
// links libtorch; this one only hands the command line on, as git does.
void add_training_commands(CLI::App& app);  // for --help
bool is_training_command(int argc, char** argv);
int run_training_program(int argc,
                         char** argv);  // returns only when it cannot be started: TW-CLI-002

}  // namespace togglewise::cli
