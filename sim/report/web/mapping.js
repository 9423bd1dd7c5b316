// Charts of the section on mappings. report.js calls window.mappingCharts with its tools and takes
// in what comes back: painters, heights and controls by the chart's name.
window.mappingCharts = function (tools) {
  'use strict';
  const { theme, base, digits, valueAxis, categoryAxis, tooltipTable, escapeHtml, addChoice, seriesColours } = tools;
  // Of the tricks; a grey for what is left over when all have their own.
  const colourOf = (i) => i < seriesColours.length ? seriesColours[i] : '#7d8590';
  // Of what is saved: less is below zero.
  const signed = (value) => (value > 0 ? '−' : value < 0 ? '+' : '') + Math.abs(value).toFixed(1) + ' %';

  // Per layer one bar of what the tricks save, each a piece of it; what costs lies left of zero.
  function tricksChart(chart, state) {
    const t = theme();
    const scope = state.metric || 0;
    const option = base(t);
    const sums = chart.layers.map((_, l) => chart.tricks.reduce((sum, trick) => sum + trick.percent[scope][l], 0));
    option.grid.right = 74;
    option.tooltip.formatter = (items) => {
      const l = items[0].dataIndex;
      const rows = chart.tricks.map((trick, i) =>
        ['<span style="color:' + colourOf(i) + '">■</span> ' + escapeHtml(trick.name), signed(trick.percent[scope][l])]);
      return tooltipTable(chart.layers[l], rows.concat([['<b>all</b>', signed(sums[l])]]));
    };
    option.xAxis = valueAxis(t, 'saved, % of the layer in its natural mapping, ' + chart.scopes[scope]);
    option.yAxis = categoryAxis(t, chart.layers, { inverse: true });
    option.series = chart.tricks.map((trick, i) => ({
      name: trick.name, type: 'bar', stack: 'tricks', color: colourOf(i), barCategoryGap: '24%',
      itemStyle: { borderColor: t.surface, borderWidth: 0.6 }, data: trick.percent[scope]
    }));
    // Stands at the end of all pieces that save.
    const ends = chart.layers.map((_, l) => chart.tricks.reduce((sum, trick) => sum + Math.max(0, trick.percent[scope][l]), 0));
    option.series.push({
      name: 'sum', type: 'scatter', symbolSize: 0, silent: true, tooltip: { show: false }, data: ends.map((end, l) => [end, l]),
      label: { show: true, position: 'right', color: t.ink, formatter: (item) => signed(sums[item.dataIndex]) }
    });
    option.legend.data = chart.tricks.map((trick) => trick.name);
    return option;
  }

  function layersChart(chart, state) {
    const t = theme();
    const scope = state.metric || 0;
    const option = base(t);
    const natural = chart.natural[scope];
    const mapped = chart.mapped[scope];
    const change = (l) => signed(100 * (1 - mapped[l] / natural[l]));
    option.grid.right = 74;
    option.tooltip.formatter = (items) => {
      const l = items[0].dataIndex;
      return tooltipTable(chart.layers[l], [['natural', digits(natural[l], 4) + ' nJ'], ['mapped', digits(mapped[l], 4) + ' nJ'], ['change', change(l)]]);
    };
    option.xAxis = valueAxis(t, 'nJ/image, ' + chart.scopes[scope]);
    option.yAxis = categoryAxis(t, chart.layers, { inverse: true });
    const bars = (name, values, colour, label) => ({ name, type: 'bar', color: colour, barCategoryGap: '30%', barGap: '10%', data: values, label });
    option.series = [bars('natural', natural, '#b9c0c8', { show: false }),
      bars('mapped', mapped, '#0072b2', { show: true, position: 'right', color: t.ink, formatter: (item) => change(item.dataIndex) })];
    return option;
  }

  const choice = (bar, state, chart, draw) => {
    state.metric = 0;
    addChoice(bar, state, 'metric', chart.scopes.map((name, i) => [i, name]), draw);
  };
  return {
    painters: { mappingTricks: tricksChart, mappingLayers: layersChart },
    heights: {
      mappingTricks: (chart) => 120 + 26 * chart.layers.length,
      mappingLayers: (chart) => 120 + 38 * chart.layers.length
    },
    controls: { mappingTricks: choice, mappingLayers: choice }
  };
};
