// The chart of `compare`. report.js calls window.compareCharts with its tools and takes in what
// comes back: painters, heights and controls by the chart's name.
window.compareCharts = function (tools) {
  'use strict';
  const { theme, base, valueAxis, verticalAxis, tooltipTable, addChoice, seriesColours } = tools;
  const symbols = ['circle', 'rect', 'triangle', 'diamond', 'pin', 'roundRect'];

  function compareChart(chart, state) {
    const t = theme();
    const key = state.images || 'final';
    const option = base(t);
    option.tooltip.trigger = 'item';
    option.tooltip.formatter = (item) => tooltipTable(item.seriesName + (item.data.label ? ', ' + item.data.label : ''), [
      ['energy saved', item.value[0].toFixed(1) + ' %'], ['accuracy lost', item.value[1].toFixed(2) + ' points']]);
    option.grid = { left: 8, right: 60, top: 76, bottom: 36, containLabel: true };
    option.xAxis = valueAxis(t, 'MAC dynamic energy saved, % of dense int8', { scale: true });
    const range = state.window === 'limits' ? { max: 2 * Math.max(...chart.limits, 0.5), min: (extent) => Math.min(0, extent.min) } : { scale: true };
    option.yAxis = verticalAxis(t, 'top-1 lost against float, points (' + (key === 'final' ? 'final images' : 'images of the limit') + ')', range);
    option.series = [];
    chart.methods.forEach((method, i) => {
      const colour = seriesColours[i % seriesColours.length];
      const series = method[key];
      option.series.push({ name: method.name, type: 'line', data: series.front.map((value) => ({ value })), symbol: 'none',
        color: colour, lineStyle: { width: 1.6 }, tooltip: { show: false }, z: 2 });
      option.series.push({ name: method.name, type: 'scatter', symbol: symbols[i % symbols.length], symbolSize: 11, color: colour,
        data: series.points.map((value, p) => ({ value, label: series.labels[p] })), label: { show: false }, z: 3 });
    });
    if (option.series.length) {
      option.series[0].markLine = { silent: true, symbol: 'none', lineStyle: { color: t.bad, type: 'dashed' },
        data: chart.limits.map((limit) => ({ yAxis: limit, label: { formatter: limit + ' points', color: t.bad } })) };
    }
    option.legend.data = chart.methods.map((method) => method.name);
    return option;
  }

  return {
    painters: { compare: compareChart },
    heights: { compare: () => 520 },
    controls: {
      compare: (bar, state, _, draw) => {
        state.images = 'final';
        state.window = 'limits';
        addChoice(bar, state, 'images', [['final', 'final images'], ['limit', 'images of the limit']], draw);
        addChoice(bar, state, 'window', [['limits', 'around the limits'], ['all', 'all trials']], draw);
      }
    }
  };
};
