// Charts of a sweep's page. report.js calls window.sweepCharts with its tools and takes in what
// comes back: painters, heights and controls by the chart's name.
window.sweepCharts = function (tools) {
  'use strict';
  const { theme, base, digits, valueAxis, verticalAxis, categoryAxis, tooltipTable, escapeHtml, addChoice } = tools;

  // Viridis, from little to much: even steps in lightness, also for colour-blind readers.
  const viridis = ['#440154', '#46327e', '#365c8d', '#277f8e', '#1fa187', '#4ac16d', '#a0da39', '#fde725'];
  const luminance = (colour) => {
    const channel = (i) => parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16) / 255;
    return 0.2126 * channel(0) + 0.7152 * channel(1) + 0.0722 * channel(2);
  };
  function colourAt(fraction) {
    const place = Math.min(Math.max(fraction, 0), 1) * (viridis.length - 1);
    const low = Math.min(Math.floor(place), viridis.length - 2);
    const mix = [1, 3, 5].map((i) => {
      const [from, to] = [viridis[low], viridis[low + 1]].map((c) => parseInt(c.slice(i, i + 2), 16));
      return Math.round(from + (to - from) * (place - low)).toString(16).padStart(2, '0');
    });
    return '#' + mix.join('');
  }
  const span = (values) => [Math.min(...values), Math.max(...values)];
  const isWide = ([low, high]) => low > 0 && high / low > 8;

  function frontChart(chart, state) {
    const t = theme();
    const metric = chart.metrics[state.metric || 0];
    const logarithmic = state.scale === 'log';
    const onFront = new Set(metric.front);
    const option = base(t);
    const axis = (values) => {
      if (!logarithmic) return { min: 0 };
      // ECharts rounds a logarithmic axis to whole decades and leaves much of it empty.
      const [low, high] = span(values);
      // Less than two decades would show one label or two: then powers of two.
      return { type: 'log', logBase: high / low < 100 ? 2 : 10, min: low / 1.25, max: high * 1.25,
               axisLabel: { color: t.muted, hideOverlap: true, showMinLabel: false, showMaxLabel: false, formatter: (value) => digits(value, 6) },
               minorSplitLine: { show: true, lineStyle: { color: t.line, opacity: 0.5 } } };
    };
    option.legend.selectedMode = false;
    option.legend.itemWidth = 18;
    option.grid = { left: 8, right: 90, top: 76, bottom: 36, containLabel: true };
    option.tooltip.trigger = 'item';
    option.tooltip.formatter = (item) => {
      const i = item.data.point;
      const rows = chart.metrics.map((m) => [escapeHtml(m.name), digits(m.values[i], 5) + (m.axis.endsWith('nJ/image') ? ' nJ/image' : '')]);
      rows.push(['cycles', digits(chart.cycles[i], 7) + ' per image'], ['time', digits(chart.time_us[i], 5) + ' µs/image'],
        ['utilization', digits(chart.utilization_percent[i], 3) + ' %'], ['stalls', digits(chart.stall_percent[i], 3) + ' %'],
        ['on the front', onFront.has(i) ? 'yes' : 'no']);
      return tooltipTable(chart.names[i], rows);
    };
    option.xAxis = valueAxis(t, chart.x_axis, axis(chart.x));
    option.yAxis = verticalAxis(t, metric.axis, axis(metric.values));
    const most = Math.max(...chart.utilization_percent);
    option.visualMap = {
      type: 'continuous', dimension: 2, min: 0, max: Math.max(most, 1e-9), seriesIndex: [1, 2], calculable: false,
      orient: 'horizontal', right: 20, top: 0, itemWidth: 10, itemHeight: 110, inRange: { color: viridis },
      text: [digits(most, 3) + ' %', 'utilization  0'], textStyle: { color: t.muted }, textGap: 6
    };
    const at = (i) => ({ point: i, value: [chart.x[i], metric.values[i], chart.utilization_percent[i]] });
    const rest = chart.labels.map((_, i) => i).filter((i) => !onFront.has(i));
    option.series = [
      { name: 'Pareto front', type: 'line', step: 'end', symbol: 'none', silent: true, color: t.muted,
        lineStyle: { width: 1.5, type: 'dashed', color: t.muted },
        data: metric.front.map((i) => [chart.x[i], metric.values[i]]), tooltip: { show: false } },
      { name: 'on the front', type: 'scatter', symbolSize: 13, z: 4, data: metric.front.map(at),
        itemStyle: { borderColor: t.ink, borderWidth: 1.5 },
        label: { show: true, position: 'top', distance: 6, color: t.ink, fontSize: 12, textBorderColor: t.surface, textBorderWidth: 3,
                 formatter: (item) => chart.labels[item.data.point] },
        labelLayout: { hideOverlap: true } },
      { name: 'other points', type: 'scatter', symbolSize: 8, z: 3, data: rest.map(at), itemStyle: { opacity: 0.85 } }
    ];
    option.legend.data = [{ name: 'Pareto front', icon: 'path://M0,4 L6,4 L6,6 L0,6 Z M9,4 L15,4 L15,6 L9,6 Z' }];
    return option;
  }

  // A cell per row and column, coloured within the whole map or within its column.
  function mapChart(chart, state, width) {
    const t = theme();
    const metric = chart.metrics[state.metric || 0];
    const scaled = (value) => metric.logarithmic ? Math.log(Math.max(value, 1e-12)) : value;
    const perColumn = state.colours === 'column';
    const known = (values) => values.filter((value) => value !== null);
    const columnSpans = chart.columns.map((_, c) => span(known(metric.values.map((row) => row[c])).map(scaled)));
    const wholeSpan = span(columnSpans.flat());
    const fraction = (value, c) => {
      const [low, high] = perColumn ? columnSpans[c] : wholeSpan;
      return high > low ? (scaled(value) - low) / (high - low) : 0.5;
    };
    const option = base(t);
    const longest = Math.max(...chart.rows.map((row) => row.length));
    const tall = chart.column_axis === '' && longest > 30;
    const cellWidth = (width - 8 * Math.min(longest, 30)) / chart.columns.length;
    const tilted = 8 * Math.max(...chart.columns.map((column) => column.length)) > cellWidth;
    option.legend.show = false;
    option.grid = { left: 8, right: tilted ? 60 : 12, top: chart.column_axis ? 46 : 30, bottom: 8, containLabel: true };
    option.tooltip.trigger = 'item';
    option.tooltip.formatter = (item) => tooltipTable((chart.names || chart.rows)[item.data.row] + (chart.row_axis ? ' ' + chart.row_axis + ' × ' : ', ') +
      chart.columns[item.data.column] + (chart.column_axis ? ' ' + chart.column_axis : ''),
      chart.metrics.filter((m) => m.values[item.data.row][item.data.column] !== null).map((m) =>
        [escapeHtml(m.name), digits(m.values[item.data.row][item.data.column], 5) + ' ' + escapeHtml(m.unit)]));
    option.xAxis = categoryAxis(t, chart.columns, { position: 'top', name: chart.column_axis, nameLocation: 'middle', nameGap: 26,
      nameTextStyle: { color: t.muted }, axisLine: { show: false }, axisLabel: { color: t.ink, interval: 0, rotate: tilted ? 40 : 0,
        width: 150, overflow: 'truncate' } });
    option.yAxis = categoryAxis(t, chart.rows, { inverse: true, name: chart.row_axis, nameLocation: 'start', nameGap: 8,
      nameTextStyle: { color: t.muted, align: 'right' }, axisLine: { show: false },
      axisLabel: { color: t.ink, interval: 0, width: tall ? 220 : undefined, overflow: tall ? 'truncate' : 'none' } });
    const cells = [];
    metric.values.forEach((row, r) => row.forEach((value, c) => {
      if (value === null) return;
      const colour = colourAt(fraction(value, c));
      cells.push({ row: r, column: c, value: [c, r, value], itemStyle: { color: colour, borderColor: t.surface, borderWidth: 1 },
        label: { color: luminance(colour) > 0.4 ? '#000000' : '#ffffff' } });
    }));
    const shown = (value) => metric.unit.startsWith('%') ? value.toFixed(1) : digits(value, cellWidth > 52 ? 4 : 3);
    option.series = [{ type: 'heatmap', data: cells,
      label: { show: cellWidth > 34, fontSize: 11, formatter: (item) => shown(item.value[2]) },
      emphasis: { itemStyle: { borderColor: t.ink, borderWidth: 2 } } }];
    return option;
  }

  const names = (chart) => chart.metrics.map((metric, i) => [i, metric.name + (metric.unit ? ', ' + metric.unit : '')]);
  return {
    painters: { 'sweep-front': frontChart, 'sweep-map': mapChart },
    heights: { 'sweep-front': () => 520, 'sweep-map': (chart) => (chart.column_axis ? 80 : 130) + 25 * chart.rows.length },
    controls: {
      'sweep-front': (bar, state, chart, draw) => {
        state.metric = 0;
        state.scale = isWide(span(chart.x)) || isWide(span(chart.metrics[0].values)) ? 'log' : 'linear';
        if (chart.metrics.length > 1) addChoice(bar, state, 'metric', names(chart), draw);
        addChoice(bar, state, 'scale', [['linear', 'linear'], ['log', 'logarithmic']], draw);
      },
      'sweep-map': (bar, state, chart, draw) => {
        state.metric = 0;
        state.colours = 'map';
        addChoice(bar, state, 'metric', names(chart), draw);
        if (chart.column_axis === '') addChoice(bar, state, 'colours', [['map', 'colours of the whole map'], ['column', 'of each layer']], draw);
      }
    }
  };
};
