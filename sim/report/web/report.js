// Draws the charts from the data in #report-data; the tables are in the page already.
// When all are drawn, <html data-charts="n of n"> says so.
(function () {
  'use strict';

  const data = JSON.parse(document.getElementById('report-data').textContent);
  const root = document.documentElement;
  root.classList.add('scripted');

  // Okabe and Ito's and Paul Tol's palettes: told apart by colour-blind readers.
  const componentColours = {
    multiplier: '#0072b2', adder: '#56b4e9', partial_sum_register: '#009e73',
    activation_register: '#f0d442', pin_loads: '#e69f00', idle_columns: '#cc79a7',
    idle_rows: '#882255', weight_load: '#d55e00', skew: '#999933', deskew: '#ddcc77',
    accumulator: '#44aa99', clock: '#7d8590', leakage: '#b9c0c8'
  };
  const seriesColours = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#999933', '#882255'];
  const seriesDashes = ['solid', 'dashed', 'dotted'];

  const darkQuery = window.matchMedia('(prefers-color-scheme: dark)');
  function theme() {
    const style = getComputedStyle(root);
    const colour = (name) => style.getPropertyValue('--' + name).trim();
    return {
      ink: colour('ink'), muted: colour('muted'), line: colour('line'),
      surface: colour('surface'), accent: colour('accent'), bad: colour('bad')
    };
  }

  const escapeHtml = (text) => echarts.format.encodeHTML(String(text));
  function digits(value, count) {
    if (value === null || value === undefined || !isFinite(value)) return '–';
    return value.toLocaleString('en-US', { maximumSignificantDigits: count }).replace('-', '−');
  }
  function signedPercent(value) {
    if (value === null || !isFinite(value)) return '–';
    const text = Math.abs(value).toFixed(1);
    return (text === '0.0' ? '' : value > 0 ? '+' : '−') + text + ' %';
  }

  function base(t) {
    return {
      animation: false,
      textStyle: { color: t.ink, fontFamily: getComputedStyle(document.body).fontFamily },
      legend: { type: 'scroll', top: 0, left: 0, textStyle: { color: t.ink }, itemWidth: 14, itemHeight: 10,
                inactiveColor: t.line, pageIconColor: t.accent, pageTextStyle: { color: t.muted } },
      grid: { left: 8, right: 24, top: 62, bottom: 30, containLabel: true },
      tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' }, confine: true, backgroundColor: t.surface,
                 borderColor: t.line, textStyle: { color: t.ink, fontSize: 13 } }
    };
  }
  function valueAxis(t, name, more) {
    return Object.assign({
      type: 'value', name: name, nameLocation: 'middle', nameGap: 30,
      nameTextStyle: { color: t.muted }, axisLabel: { color: t.muted, hideOverlap: true, formatter: (value) => digits(value, 6) },
      axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: t.line } }
    }, more);
  }
  // Its name stands above the axis, where the width of the numbers does not matter.
  function verticalAxis(t, name, more) {
    return valueAxis(t, name, Object.assign({
      nameLocation: 'end', nameGap: 12, nameTextStyle: { color: t.muted, align: 'left' },
      axisLine: { show: false, onZero: false }
    }, more));
  }
  function categoryAxis(t, names, more) {
    return Object.assign({
      type: 'category', data: names, axisTick: { show: false },
      axisLine: { lineStyle: { color: t.line } }, axisLabel: { color: t.ink, interval: 0 }
    }, more);
  }
  function tooltipTable(title, rows) {
    const cells = rows.map((row) => '<tr><td>' + row[0] + '</td><td style="text-align:right;padding-left:14px">' + row[1] + '</td></tr>');
    return '<b>' + escapeHtml(title) + '</b><table style="font-size:13px">' + cells.join('') + '</table>';
  }

  // An interval from one point to another, with caps.
  function whisker(t, api, low, high, horizontal) {
    if (isNaN(api.value(1)) || isNaN(api.value(2))) return null;
    const style = { stroke: t.ink, lineWidth: 1.2, fill: 'none' };
    const line = (x1, y1, x2, y2) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style });
    const cap = (p) => horizontal ? line(p[0], p[1] - 4, p[0], p[1] + 4) : line(p[0] - 5, p[1], p[0] + 5, p[1]);
    return { type: 'group', children: [line(low[0], low[1], high[0], high[1]), cap(low), cap(high)] };
  }

  // Horizontal stacked bars, for each layer one bar per network, dense above compressed.
  function energyChart(chart, state, width) {
    const t = theme();
    const shown = chart.components.filter((c) => state.scope === 'total' || c.group === 'mac' ||
      (state.scope === 'dynamic' && c.group === 'array'));
    const networks = chart.bars.length;
    const sums = chart.bars.map((_, n) => chart.layers.map((_, l) =>
      shown.reduce((sum, c) => sum + (c.values[n][l] || 0), 0)));
    const categories = [];
    const places = [];
    chart.layers.forEach((layer, l) => {
      chart.bars.forEach((bar, n) => {
        categories.push(networks === 1 ? layer : (n === 0 ? layer + '   ' : '') + bar);
        places.push({ layer: l, network: n });
      });
      if (networks > 1 && l + 1 < chart.layers.length) { categories.push(''); places.push(null); }
    });
    const scaled = (value, layer) => state.unit === 'nJ' ? value : 100 * value / sums[0][layer];
    const unit = state.unit === 'nJ' ? chart.unit : (networks > 1 ? '% of the dense layer' : '% of the layer');
    const visible = (component) => !state.hidden[component.label];
    const option = base(t);
    if (width > 1000) { option.legend.type = 'plain'; option.grid.top = 66; }
    option.grid.right = 90;
    option.legend.selected = Object.fromEntries(shown.map((c) => [c.label, visible(c)]));
    option.tooltip.formatter = (items) => {
      const place = places[items[0].dataIndex];
      if (!place) return '';
      const rows = shown.filter((c) => visible(c)).map((c) => {
        const value = c.values[place.network][place.layer];
        const dot = '<span style="color:' + componentColours[c.key] + '">■</span> ';
        return [dot + escapeHtml(c.label), digits(value, 4) + ' ' + chart.unit];
      });
      rows.push(['<b>sum</b>', digits(sums[place.network][place.layer], 5) + ' ' + chart.unit]);
      return tooltipTable(chart.layers[place.layer] + ', ' + chart.bars[place.network], rows);
    };
    option.xAxis = valueAxis(t, unit);
    option.yAxis = categoryAxis(t, categories, { inverse: true });
    const half = chart.half_widths && chart.half_widths[state.scope];
    const allVisible = shown.every(visible);
    // Labels stand behind the whiskers; the axis is at least as long as the longest bar.
    const longest = Math.max(...places.filter(Boolean).map((p) => scaled(sums[p.network][p.layer], p.layer)));
    const whiskerPixels = (p) => half && allVisible ? width * scaled(half[p.network][p.layer] || 0, p.layer) / longest : 0;
    option.series = shown.map((component, index) => ({
      name: component.label, type: 'bar', stack: 'energy', barCategoryGap: '14%',
      itemStyle: { color: componentColours[component.key], borderColor: t.surface, borderWidth: 0.6 },
      emphasis: { focus: 'series' },
      data: places.map((p) => p ? { value: scaled(component.values[p.network][p.layer], p.layer),
                                    label: { distance: 5 + whiskerPixels(p) } } : null),
      label: index + 1 !== shown.length ? { show: false } : {
        show: true, position: 'right', color: t.ink, formatter: (item) => {
          const p = places[item.dataIndex];
          if (!p) return '';
          const sum = sums[p.network][p.layer];
          const text = digits(sum, 4) + ' nJ';
          return p.network === 0 ? text : text + '  ' + signedPercent(100 * (sum / sums[0][p.layer] - 1));
        }
      }
    }));
    if (half && allVisible) {  // the interval is one of the whole bar
      option.series.push({
        name: '95 % interval', type: 'custom', silent: true, color: t.ink, z: 6, tooltip: { show: false }, encode: { x: [1, 2], y: 0 },
        data: places.map((p, i) => p && half[p.network][p.layer] !== null
          ? [i, scaled(sums[p.network][p.layer] - half[p.network][p.layer], p.layer), scaled(sums[p.network][p.layer] + half[p.network][p.layer], p.layer)]
          : [i, null, null]),
        renderItem: (_, api) => whisker(t, api, api.coord([api.value(1), api.value(0)]), api.coord([api.value(2), api.value(0)]), true)
      });
    }
    return option;
  }

  function weightsChart(chart) {
    const t = theme();
    const floor = 0.5;
    const option = base(t);
    const at = (counts, lowest) => counts.map((count, i) => [i - 128, count > 0 ? count : lowest]);
    option.title = { text: chart.layer, left: 0, top: 0, textStyle: { color: t.ink, fontSize: 14, fontWeight: 600 } };
    option.legend.left = 'right';
    option.legend.type = 'plain';
    option.grid.top = 50;
    option.tooltip.axisPointer.type = 'line';
    option.tooltip.formatter = (items) => {
      const weight = Math.round(items[0].axisValue);
      const rows = [];
      if (chart.before.length) rows.push(['dense', digits(chart.before[weight + 128], 8)]);
      if (chart.after.length) rows.push(['compressed', digits(chart.after[weight + 128], 8)]);
      rows.push(['permitted', !chart.permitted.length || chart.permitted.includes(weight) ? 'yes' : 'no']);
      return tooltipTable('weight ' + digits(weight, 4), rows);
    };
    option.xAxis = valueAxis(t, 'weight value', { min: -128, max: 128, interval: 32, nameGap: 22, splitLine: { show: false },
      axisLabel: { color: t.muted, formatter: (v) => v % 32 === 0 ? digits(v, 4) : '' } });
    option.yAxis = verticalAxis(t, 'weights (logarithmic)', { type: 'log', min: floor,
      axisLabel: { color: t.muted, formatter: (v) => v < 1 ? '' : v.toLocaleString('en-US') } });
    option.series = [
      { name: 'dense', type: 'line', step: 'middle', symbol: 'none', data: at(chart.before, floor),
        color: '#e69f00', lineStyle: { width: 1.2 }, areaStyle: { opacity: 0.22, origin: 'start' } },
      { name: 'compressed', type: 'custom', color: '#0072b2', data: at(chart.after, null), encode: { x: 0, y: 1 },
        renderItem: (_, api) => {  // a bar from the axis up: ECharts' own bars start at 1 on a logarithmic axis
          if (!(api.value(1) > 0)) return null;
          const top = api.coord([api.value(0), api.value(1)]);
          const bottom = api.coord([api.value(0), floor]);
          const width = Math.max(2.5, 0.8 * api.size([1, 0])[0]);
          return { type: 'rect', style: { fill: '#0072b2' },
                   shape: { x: top[0] - width / 2, y: top[1], width, height: bottom[1] - top[1] } };
        } },
      { name: 'permitted', type: 'scatter', symbol: 'triangle', symbolSize: 7, symbolOffset: [0, 4], color: t.ink,
        data: chart.permitted.map((v) => [v, floor]), silent: true }
    ].filter((series) => series.data.length);
    return option;
  }

  function weightEnergyChart(chart) {
    const t = theme();
    const option = base(t);
    option.tooltip.axisPointer.type = 'line';
    option.tooltip.formatter = (items) => {
      const weight = Math.round(items[0].axisValue);
      const i = chart.weights.indexOf(weight);
      const rows = [];
      if (i >= 0) rows.push(['E(w), all layers', digits(chart.mean_fj[i], 4) + ' ± ' + digits(2 * chart.standard_error_fj[i], 2) + ' fJ']);
      chart.layers.forEach((layer) => rows.push([escapeHtml(layer.name), digits(layer.energy_fj[weight + 128], 4) + ' fJ']));
      return tooltipTable('weight ' + digits(weight, 4), rows);
    };
    option.xAxis = valueAxis(t, 'weight value', { min: -128, max: 128, interval: 16, splitLine: { show: false },
      axisLabel: { color: t.muted, hideOverlap: true, formatter: (v) => digits(v, 4) } });
    option.yAxis = verticalAxis(t, 'fJ per transition', { min: 0 });
    const points = chart.weights.map((w, i) => {
      const [mean, margin] = [chart.mean_fj[i], 2 * chart.standard_error_fj[i]];
      return [w, mean, mean - margin, mean + margin];
    });
    option.series = chart.layers.map((layer, i) => ({
      name: layer.name, type: 'line', symbol: 'none', color: seriesColours[i % seriesColours.length],
      lineStyle: { width: 1.2, type: seriesDashes[Math.floor(i / seriesColours.length) % seriesDashes.length], opacity: 0.85 },
      data: layer.energy_fj.map((energy, w) => [w - 128, energy > 0 ? energy : null])  // 0: outside of weight_bits
    }));
    option.series.push({
      name: 'E(w), all layers', type: 'line', symbol: 'circle', symbolSize: 4, color: t.ink, lineStyle: { width: 1.8 },
      data: points.map((p) => [p[0], p[1]]), z: 5
    }, {
      name: '± 2 standard errors', type: 'custom', color: t.muted, z: 4, data: points,
      encode: { x: 0, y: [2, 3] }, clip: true,
      renderItem: (_, api) => {
        const low = api.coord([api.value(0), api.value(2)]);
        const high = api.coord([api.value(0), api.value(3)]);
        const style = { stroke: t.muted, lineWidth: 1.2, fill: 'none' };
        const line = (x1, y1, x2, y2) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style });
        return { type: 'group', children: [line(low[0], low[1], high[0], high[1]),
          line(low[0] - 2, low[1], low[0] + 2, low[1]), line(high[0] - 2, high[1], high[0] + 2, high[1])] };
      }
    });
    return option;
  }

  function delaysChart(chart) {
    const t = theme();
    const option = base(t);
    option.tooltip.axisPointer.type = 'line';
    option.tooltip.formatter = (items) => {
      const weight = Math.round(items[0].axisValue);
      const i = chart.weights.indexOf(weight);
      return tooltipTable('weight ' + digits(weight, 4),
        chart.series.map((one) => [escapeHtml(one.name), digits(one.delay_ps[i], 4) + ' ps']));
    };
    option.xAxis = valueAxis(t, 'weight value', { min: chart.weights[0], max: -chart.weights[0], splitLine: { show: false },
      axisLabel: { color: t.muted, hideOverlap: true, formatter: (v) => digits(v, 4) } });
    option.yAxis = verticalAxis(t, 'ps', { min: 0 });
    option.series = chart.series.map((one, i) => ({
      name: one.name, type: 'line', symbol: 'none', step: 'middle', color: seriesColours[i],
      lineStyle: { width: 1.4, type: seriesDashes[i % 2] },
      data: one.delay_ps.map((delay, w) => [chart.weights[w], delay])
    }));
    if (chart.limit_ps !== undefined) {
      option.series[0].markLine = { silent: true, symbol: 'none', lineStyle: { color: t.bad, type: 'dashed' },
        label: { formatter: 'limit', position: 'insideEndBottom', color: t.bad }, data: [{ yAxis: chart.limit_ps }] };
    }
    return option;
  }

  function agreementChart(chart) {
    const t = theme();
    const option = base(t);
    option.tooltip.formatter = (items) => tooltipTable(items[0].axisValue, items.map((item) =>
      [item.marker + escapeHtml(item.seriesName), signedPercent(item.value)]));
    option.xAxis = categoryAxis(t, chart.layers, { axisLine: { onZero: true, lineStyle: { color: t.muted } },
      axisLabel: { color: t.ink, interval: 0, hideOverlap: true } });
    option.yAxis = verticalAxis(t, 'difference to ' + chart.reference + ', %', {});
    option.series = chart.series.map((series, i) => ({
      name: series.fidelity, type: 'bar', color: seriesColours[i % seriesColours.length], barMaxWidth: 46,
      data: series.difference_percent,
      label: { show: chart.layers.length <= 8, position: 'outside', color: t.muted, fontSize: 11,
               formatter: (item) => signedPercent(item.value) }
    }));
    option.series.forEach((series) => {
      series.data = series.data.map((value) => ({ value, label: { position: value < 0 ? 'bottom' : 'top' } }));
    });
    const intervals = chart.interval_percent || [];
    if (intervals.some((value) => value !== null)) {
      option.series.push({
        name: '± over images', type: 'custom', silent: true, color: t.ink, tooltip: { show: false }, encode: { x: 0, y: [1, 2] }, z: 6,
        data: intervals.map((value, i) => value === null ? [i, null, null] : [i, -value, value]),
        renderItem: (_, api) => whisker(t, api, api.coord([api.value(0), api.value(1)]), api.coord([api.value(0), api.value(2)]), false)
      });
    }
    return option;
  }

  function cyclesChart(chart) {
    const t = theme();
    const option = base(t);
    option.grid.top = 36;
    option.xAxis = valueAxis(t, 'cycles per image');
    option.yAxis = categoryAxis(t, chart.layers, { inverse: true });
    option.tooltip.formatter = (items) => tooltipTable(items[0].axisValue, items.map((item) =>
      [item.marker + escapeHtml(item.seriesName), digits(item.value, 12)]));
    const colours = ['#d55e00', '#009e73', '#b9c0c8'];
    option.series = chart.series.map((series, i) => ({
      name: series.label, type: 'bar', stack: 'cycles', color: colours[i], barMaxWidth: 26, data: series.cycles,
      itemStyle: { borderColor: t.surface, borderWidth: 0.6 }
    }));
    return option;
  }

  function trialsChart(chart) {
    const t = theme();
    const option = base(t);
    option.tooltip.trigger = 'item';
    option.tooltip.formatter = (item) => tooltipTable(item.data.name, [
      ['held-out accuracy', item.value[1].toFixed(2) + ' %'], ['MAC dynamic', digits(item.value[0], 4) + ' nJ/image'],
      ['change', signedPercent(100 * (item.value[0] / chart.dense_energy_nj - 1))]]);
    option.grid.right = 60;
    option.xAxis = valueAxis(t, 'MAC dynamic energy, nJ/image (fidelity layer)', { scale: true });
    option.yAxis = verticalAxis(t, 'held-out top-1 accuracy, %', { scale: true });
    const trialsThat = (keep) => chart.trials.filter(keep).map((trial) => ({ name: trial.label, value: [trial.energy_nj, trial.percent] }));
    const series = (name, symbol, colour, size, values, hollow) => ({
      name, type: 'scatter', symbol, symbolSize: size, color: colour, data: values,
      itemStyle: hollow ? { color: t.surface, borderColor: colour, borderWidth: 2 } : {},
      label: { show: true, position: 'right', color: t.muted, formatter: (item) => item.data.name },
      labelLayout: { hideOverlap: true }
    });
    const whiskers = chart.trials.filter((trial) => trial.drop_bound_points !== null && chart.float_percent !== null)
      .map((trial) => [trial.energy_nj, trial.percent, chart.float_percent - trial.drop_bound_points]);
    const dense = chart.dense_percent === null ? [] : [{ name: 'dense', value: [chart.dense_energy_nj, chart.dense_percent] }];
    option.series = [
      series('dense', 'rect', t.muted, 12, dense),
      series('within the limit', 'circle', '#0072b2', 12, trialsThat((trial) => trial.accepted && !trial.chosen)),
      series('chosen', 'circle', '#009e73', 18, trialsThat((trial) => trial.chosen)),
      series('beyond the limit', 'diamond', '#d55e00', 14, trialsThat((trial) => !trial.accepted && !trial.chosen), true)
    ];
    option.series.push({
      name: 'margin', type: 'custom', data: whiskers, encode: { x: 0, y: [1, 2] }, silent: true, tooltip: { show: false }, color: t.muted,
      renderItem: (_, api) => {
        const top = api.coord([api.value(0), api.value(1)]);
        const bottom = api.coord([api.value(0), api.value(2)]);
        const style = { stroke: t.muted, lineWidth: 1.5, fill: 'none' };
        const line = (x1, y1, x2, y2) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style });
        return { type: 'group', children: [line(top[0], top[1], bottom[0], bottom[1]), line(bottom[0] - 5, bottom[1], bottom[0] + 5, bottom[1])] };
      }
    });
    if (chart.float_percent !== null && chart.max_drop_points !== null) {
      const limit = chart.float_percent - chart.max_drop_points;
      option.series[0].markLine = { silent: true, symbol: 'none', lineStyle: { color: t.bad, type: 'dashed' },
        label: { formatter: 'limit', color: t.bad }, data: [{ yAxis: limit }] };
      option.yAxis.max = (extent) => Math.ceil(extent.max * 2 + 0.5) / 2;
      option.yAxis.min = (extent) => Math.floor(Math.min(extent.min, limit) * 2 - 0.5) / 2;
    }
    return option;
  }

  const painters = {
    energy: energyChart, weights: weightsChart, 'weight-energy': weightEnergyChart,
    agreement: agreementChart, delays: delaysChart, cycles: cyclesChart, trials: trialsChart
  };
  const heights = {
    energy: (chart) => 110 + 24 * chart.layers.length * (chart.bars.length > 1 ? chart.bars.length + 0.7 : 1.2),
    cycles: (chart) => 100 + 30 * chart.layers.length,
    'weight-energy': () => 440
  };

  // Buttons that set state[key] to one of `choices` ([value, text] pairs).
  function addChoice(bar, state, key, choices, redraw) {
    const group = document.createElement('span');
    choices.forEach(([value, text]) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = text;
      button.setAttribute('aria-pressed', String(state[key] === value));
      button.addEventListener('click', () => {
        state[key] = value;
        group.querySelectorAll('button').forEach((other) => other.setAttribute('aria-pressed', String(other === button)));
        redraw();
      });
      group.appendChild(button);
    });
    bar.appendChild(group);
  }

  const controls = {
    energy: (bar, state, _, draw) => {
      addChoice(bar, state, 'unit', [['nJ', 'nJ'], ['percent', '%']], draw);
      addChoice(bar, state, 'scope', [['mac', 'MAC dynamic'], ['dynamic', 'all dynamic'], ['total', 'total']], draw);
    }
  };

  const tools = { theme, base, digits, valueAxis, verticalAxis, categoryAxis, tooltipTable, escapeHtml, addChoice, seriesColours, seriesDashes };
  [window.sweepCharts(tools), window.studyCharts(tools), window.mappingCharts(tools), window.compareCharts(tools)].forEach((more) => {
    Object.assign(painters, more.painters);
    Object.assign(heights, more.heights);
    Object.assign(controls, more.controls);
  });

  const elements = Array.from(document.querySelectorAll('.chart'));
  let finished = 0;
  root.dataset.charts = '0 of ' + elements.length;
  elements.forEach((element) => {
    const [name, index] = element.dataset.chart.split('.');
    const chart = index === undefined ? data[name] : data[name][Number(index)];
    const state = { unit: 'nJ', scope: 'dynamic', hidden: {} };
    if (heights[name]) element.style.height = Math.round(heights[name](chart)) + 'px';
    const instance = echarts.init(element, null, { renderer: 'svg' });
    const draw = () => instance.setOption(painters[name](chart, state, element.clientWidth), true);
    if (controls[name]) {
      const bar = document.createElement('div');
      bar.className = 'controls';
      controls[name](bar, state, chart, draw);
      element.before(bar);
    }
    if (name === 'energy') {
      instance.on('legendselectchanged', (event) => {
        Object.entries(event.selected).forEach(([label, selected]) => { state.hidden[label] = !selected; });
      });
    }
    let drawn = false;
    instance.on('finished', () => {
      if (drawn) return;
      drawn = true;
      finished += 1;
      root.dataset.charts = finished + ' of ' + elements.length;
    });
    draw();
    new ResizeObserver(() => instance.resize()).observe(element);
    darkQuery.addEventListener('change', draw);
  });
})();
