# Installs the chart library into the build folder, from the versions that package-lock.json fixes:
#   cmake -D NPM=… -D SOURCE=… -D BINARY=… -P install_echarts.cmake
file(MAKE_DIRECTORY ${BINARY})
file(COPY ${SOURCE}/package.json ${SOURCE}/package-lock.json DESTINATION ${BINARY})
execute_process(
  COMMAND ${NPM} ci --no-audit --no-fund --ignore-scripts --loglevel=error
  WORKING_DIRECTORY ${BINARY}
  RESULT_VARIABLE status
  OUTPUT_VARIABLE output
  ERROR_VARIABLE output)
set(library ${BINARY}/node_modules/echarts/dist/echarts.min.js)
if(NOT status EQUAL 0 OR NOT EXISTS ${library})
  message(FATAL_ERROR
    "Cannot install ECharts, which the HTML report needs, from the npm registry.\n"
    "'npm ci' in ${BINARY} said:\n${output}\n"
    "Is the registry reachable (npm ping)? Build again when it is.")
endif()
file(TOUCH ${library}) # npm keeps the package's own date, which the build takes for out of date
