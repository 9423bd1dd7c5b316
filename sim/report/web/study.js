// Charts of the page of `study grouping`. report.js calls window.studyCharts with its tools and
// takes in what comes back: painters, heights and controls by the chart's name.
window.studyCharts = function (tools) {
  'use strict';
  const { theme, base, digits, valueAxis, verticalAxis, categoryAxis, tooltipTable, escapeHtml, addChoice, seriesColours, seriesDashes } = tools;
  const groupingColour = '#0072b2';
  const otherColour = '#e69f00';
  const percent = (value) => digits(value, 2) + ' %';

  // A value no bar may start below: a tenth of the least, as a power of ten.
  const floorOf = (values) => Math.pow(10, Math.floor(Math.log10(Math.max(1e-3, Math.min(...values)) / 2)));

  function errorsChart(chart, state) {
    const t = theme();
    const metric = chart.metrics[state.metric || 0];
    const floor = floorOf(metric.mean.filter((value) => value > 0));
    const option = base(t);
    option.grid = { left: 8, right: 110, top: 36, bottom: 36, containLabel: true };
    option.tooltip.formatter = (items) => {
      const i = items[0].dataIndex;
      return tooltipTable(chart.names[i], chart.metrics.map((m) =>
        [escapeHtml(m.name), percent(m.mean[i]) + ' / ' + percent(m.max[i])]));
    };
    option.xAxis = valueAxis(t, 'error of a layer, % (logarithmic)', { type: 'log', min: floor });
    option.yAxis = categoryAxis(t, chart.names, { inverse: true });
    const bars = (name, colour, keep) => ({
      name, type: 'custom', color: colour, encode: { x: [1, 2], y: 0 },
      data: chart.names.map((_, i) => keep(chart.groupings[i]) ? [i, metric.mean[i], metric.max[i]] : null).filter((d) => d),
      renderItem: (_, api) => {
        const left = api.coord([floor, api.value(0)]);
        const mean = api.coord([Math.max(api.value(1), floor), api.value(0)]);
        const max = api.coord([Math.max(api.value(2), floor), api.value(0)]);
        const half = 0.32 * api.size([0, 1])[1];
        const line = (x1, y1, x2, y2) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke: t.ink, lineWidth: 1.3 } });
        return { type: 'group', children: [
          { type: 'rect', shape: { x: left[0], y: left[1] - half, width: mean[0] - left[0], height: 2 * half }, style: { fill: colour } },
          line(mean[0], mean[1], max[0], max[1]), line(max[0], max[1] - 0.6 * half, max[0], max[1] + 0.6 * half),
          { type: 'text', style: { x: max[0] + 8, y: max[1], text: digits(api.value(1), 2) + ' / ' + percent(api.value(2)),
                                   fill: t.ink, fontSize: 12, textVerticalAlign: 'middle' } }] };
      }
    });
    option.tooltip.trigger = 'item';
    option.tooltip.formatter = (item) => {
      const i = item.value[0];
      return tooltipTable(chart.names[i], chart.metrics.map((m) => [escapeHtml(m.name), percent(m.mean[i]) + ' / ' + percent(m.max[i])]));
    };
    option.series = [bars('groupings', groupingColour, (grouping) => grouping),
      bars('what others use', otherColour, (grouping) => !grouping)].filter((series) => series.data.length);
    return option;
  }

  function samplesChart(chart, state) {
    const t = theme();
    const column = state.metric || 1;
    const option = base(t);
    option.grid.top = 90;
    option.legend.type = 'plain';
    option.tooltip.axisPointer.type = 'line';
    option.tooltip.formatter = (items) => tooltipTable(digits(items[0].value[0], 7) + ' transitions per weight',
      items.map((item) => [item.marker + escapeHtml(item.seriesName), column === 3 ? digits(item.value[3], 4) : percent(item.value[column])]));
    const counts = chart.series[0].points.map((p) => p[0]);
    option.xAxis = valueAxis(t, 'transitions per weight value', { type: 'log', logBase: 2, min: counts[0], max: counts[counts.length - 1],
      axisLabel: { color: t.muted, hideOverlap: true, showMinLabel: true, showMaxLabel: true, formatter: (v) => digits(Math.round(v), 7) } });
    option.yAxis = column === 3 ? verticalAxis(t, 'R² per transition', { scale: true })
      : verticalAxis(t, (column === 1 ? 'mean' : 'largest') + ' error of a layer, %', { type: 'log' });
    option.series = chart.series.map((series, i) => ({
      name: series.name, type: 'line', symbolSize: 6, color: seriesColours[i % seriesColours.length],
      lineStyle: { width: 1.6, type: seriesDashes[Math.floor(i / seriesColours.length) % seriesDashes.length] },
      encode: { x: 0, y: column }, data: series.points
    }));
    return option;
  }

  function weightsChart(chart, state) {
    const t = theme();
    const model = state.model === undefined ? Math.max(0, chart.models.indexOf(chart.best)) : state.model;
    const shown = state.layer === undefined || state.layer < 0 ? chart.layers : [chart.layers[state.layer]];
    const option = base(t);
    option.legend.show = shown.length > 1;
    option.grid.top = shown.length > 1 ? 62 : 30;
    option.tooltip.trigger = 'item';
    option.tooltip.formatter = (item) => tooltipTable(item.seriesName + ', weight ' + digits(item.value[2], 4), [
      ['gates', digits(item.value[0], 4) + ' fJ'], [escapeHtml(chart.models[model]), digits(item.value[1], 4) + ' fJ'],
      ['error', percent(100 * (item.value[1] / item.value[0] - 1))]]);
    const all = shown.flatMap((layer) => layer.measured_fj.concat(layer.predicted_fj[model]));
    const top = Math.max(...all) * 1.02;
    const step = Math.pow(10, Math.floor(Math.log10(top))) / 2;
    const limits = { min: 0, max: step * Math.ceil(top / step) };
    option.xAxis = valueAxis(t, 'fJ per transition, by the gates', limits);
    option.yAxis = verticalAxis(t, 'fJ, predicted by ' + chart.models[model], limits);
    option.series = shown.map((layer, i) => ({
      name: layer.name, type: 'scatter', symbolSize: 5, color: seriesColours[i % seriesColours.length],
      symbol: ['circle', 'triangle', 'rect'][Math.floor(i / seriesColours.length) % 3], itemStyle: { opacity: 0.75 },
      data: layer.weights.map((w, k) => [layer.measured_fj[k], layer.predicted_fj[model][k], w])
    }));
    option.series[0].markLine = { silent: true, symbol: 'none', lineStyle: { color: t.muted, type: 'dashed' }, label: { show: false },
      data: [[{ coord: [0, 0] }, { coord: [top, top] }]] };
    return option;
  }

  // A drop-down list: more choices than buttons have room for.
  function addList(bar, state, key, choices, chosen, redraw) {
    const list = document.createElement('select');
    choices.forEach(([value, text]) => {
      const option = document.createElement('option');
      option.value = String(value);
      option.textContent = text;
      option.selected = value === chosen;
      list.appendChild(option);
    });
    list.addEventListener('change', () => {
      state[key] = Number(list.value);
      redraw();
    });
    bar.appendChild(list);
  }

  return {
    painters: { 'study-errors': errorsChart, 'study-samples': samplesChart, 'study-weights': weightsChart },
    heights: { 'study-errors': (chart) => 90 + 27 * chart.names.length, 'study-samples': () => 460, 'study-weights': () => 560 },
    controls: {
      'study-errors': (bar, state, chart, draw) => {
        state.metric = 0;
        addChoice(bar, state, 'metric', chart.metrics.map((metric, i) => [i, metric.name]), draw);
      },
      'study-samples': (bar, state, _, draw) => {
        state.metric = 1;
        addChoice(bar, state, 'metric', [[1, 'mean'], [2, 'worst layer'], [3, 'R²']], draw);
      },
      'study-weights': (bar, state, chart, draw) => {
        addList(bar, state, 'model', chart.models.map((name, i) => [i, name]), chart.models.indexOf(chart.best), draw);
        addList(bar, state, 'layer', [[-1, 'all layers']].concat(chart.layers.map((layer, i) => [i, layer.name])), -1, draw);
      }
    }
  };
};
