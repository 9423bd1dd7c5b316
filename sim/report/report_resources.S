// Embeds the report's web files; report_resources.cpp gives them C++ names.
#define EMBED(name, file)        \
  .global togglewise_##name;     \
  .global togglewise_##name##_end; \
  togglewise_##name:             \
  .incbin file;                  \
  togglewise_##name##_end:       \
  .byte 0;

  .section .rodata
EMBED(report_template, REPORT_TEMPLATE)
EMBED(report_style, REPORT_STYLE)
EMBED(report_script, REPORT_SCRIPT)
EMBED(sweep_script, REPORT_SWEEP_SCRIPT)
EMBED(study_script, REPORT_STUDY_SCRIPT)
EMBED(mapping_script, REPORT_MAPPING_SCRIPT)
EMBED(compare_script, REPORT_COMPARE_SCRIPT)
EMBED(echarts_library, REPORT_ECHARTS)
  .section .note.GNU-stack, "", %progbits
