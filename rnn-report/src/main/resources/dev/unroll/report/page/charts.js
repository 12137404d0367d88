// Draws each chart of the page from its data with uPlot, in place of its picture: the value and the
// interval under the pointer or the arrow keys, series that can be hidden, logarithms, zoom.
'use strict';
(function () {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const ink = colour => (colour === '#000000' && dark.matches ? css('--ink') : colour);

  function text(value) {
    if (!Number.isFinite(value)) {
      return value > 0 ? '∞' : '−∞';
    }
    const size = Math.abs(value);
    return size !== 0 && (size < 1e-3 || size >= 1e6)
      ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  }

  function element(parent, tag, set) {
    const made = document.createElement(tag);
    Object.assign(made, set);
    parent.append(made);
    return made;
  }

  function numbers(values) {
    return values.map(Number); // infinities and NaN are texts in JSON
  }

  /** The series of a chart over all of their places, with gaps where one has no value. */
  function align(data) {
    const places = [...new Set(data.series.flatMap(one => one.x.map(Number)))].sort((a, b) => a - b);
    const at = new Map(places.map((x, i) => [x, i]));
    const series = data.series.map(one => {
      const out = {of: one, shown: true, y: [], low: [], high: []};
      ['y', 'low', 'high'].forEach(key => {
        out[key] = new Array(places.length).fill(null);
        numbers(one[key]).forEach((value, i) => {
          out[key][at.get(Number(one.x[i]))] = Number.isNaN(value) ? null : value;
        });
      });
      return out;
    });
    return {places, series};
  }

  const positive = values => values.every(value => value === null || value > 0);

  /** Bands of lines, strokes at points, below the lines. */
  function intervals(u, series) {
    const c = u.ctx;
    c.save();
    c.beginPath();
    c.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    c.clip();
    const clamp = value => Math.max(u.scales.y.min, Math.min(u.scales.y.max, value));
    const x = i => u.valToPos(u.data[0][i], 'x', true);
    const y = value => u.valToPos(clamp(value), 'y', true);
    series.filter(one => one.shown).forEach(one => {
      const known = one.low.map((low, i) => i).filter(i => one.low[i] !== null);
      c.strokeStyle = c.fillStyle = ink(one.of.colour);
      if (one.of.dash && !one.of.markers && known.length > 1) {
        c.globalAlpha = .2;
        c.beginPath();
        known.forEach(i => c.lineTo(x(i), y(one.low[i])));
        known.reverse().forEach(i => c.lineTo(x(i), y(one.high[i])));
        c.fill();
      } else {
        c.globalAlpha = one.of.dash || one.of.markers ? .75 : .5;
        c.lineWidth = (one.of.dash || one.of.markers ? 2 : 6) * devicePixelRatio;
        known.forEach(i => {
          c.beginPath();
          c.moveTo(x(i), y(one.low[i]));
          c.lineTo(x(i), y(one.high[i]));
          c.stroke();
        });
      }
    });
    c.restore();
  }

  function live(holder) {
    const data = JSON.parse(holder.querySelector('script').textContent);
    const {places, series} = align(data);
    const picture = holder.querySelector('img');
    const canLog = {
      x: positive(places),
      y: series.every(one => positive(one.y) && positive(one.low))
    };
    const log = {x: data.log_x && canLog.x, y: data.log_y && canLog.y};
    let plot = null;

    element(holder, 'span', {className: 'title', textContent: data.title});
    const tools = element(holder, 'span', {className: 'tools'});
    const body = element(holder, 'div', {className: 'plot', tabIndex: 0});
    body.setAttribute('role', 'img');
    body.setAttribute('aria-label', picture.alt + ' Left and right arrow keys read the values, '
      + 'plus and minus zoom, Escape shows the whole.');
    const at = element(holder, 'span', {className: 'at'});
    at.setAttribute('aria-live', 'polite');
    const legend = element(holder, 'span', {className: 'series'});

    const buttons = series.map(one => {
      const button = element(legend, 'button', {type: 'button'});
      button.setAttribute('aria-pressed', 'true');
      button.title = 'Hide or show ' + one.of.name;
      const dash = one.of.dash && one.of.dash.length ? ' stroke-dasharray="5 3"' : '';
      button.innerHTML = '<svg width="22" height="8" aria-hidden="true"><line x1="0" y1="4" x2="22"'
        + ' y2="4" stroke-width="4"' + dash + '></line></svg>';
      button.querySelector('line').setAttribute('stroke', ink(one.of.colour));
      element(button, 'span', {textContent: one.of.name});
      button.onclick = () => {
        one.shown = !one.shown;
        button.setAttribute('aria-pressed', String(one.shown));
        draw();
      };
      return button;
    });

    function say(i) {
      at.textContent = i === null || i === undefined ? 'Point at the chart to read its values;'
        + ' drag to zoom.' : data.x + ': ' + text(places[i]);
      series.forEach((one, k) => {
        const value = i === null || i === undefined ? null : one.y[i];
        const low = i === null || i === undefined ? null : one.low[i];
        let told = one.of.name;
        if (value !== null) {
          told += ' ' + text(value);
        }
        if (low !== null && (value === null || low !== value || one.high[i] !== value)) {
          told += ' [' + text(low) + ', ' + text(one.high[i]) + ']';
        }
        buttons[k].lastChild.textContent = told;
      });
    }

    /** The part of an axis that is shown: all of the chart's limits, or what they cut off. */
    function range(u, least, most) {
      series.filter(one => one.shown).forEach(one => ['low', 'high'].forEach(end =>
        one[end].forEach((value, i) => {
          const seen = places[i] >= u.scales.x.min && places[i] <= u.scales.x.max;
          if (seen && value !== null && Number.isFinite(value) && (!log.y || value > 0)) {
            least = Math.min(least, value);
            most = Math.max(most, value);
          }
        })));
      if (log.y) {
        return uPlot.rangeLog(least, most, 10, false);
      }
      const wide = least === most ? Math.abs(least) || 1 : 0;
      return [data.low ?? least - wide, data.high ?? most + wide];
    }

    /** Room beside the first and the last place. */
    function across(u, least, most) {
      const room = .02 * (most - least) || 1;
      const times = (most / least) ** .02;
      return log.x ? [least / times, most * times] : [least - room, most + room];
    }

    function axis(label, isLog) {
      return {
        label, stroke: css('--ink'), grid: {stroke: css('--line'), width: 1},
        ticks: {stroke: css('--line')}, font: '13px system-ui', labelFont: '14px system-ui',
        values: (u, splits) => splits.map(v => {
          const digit = v === null ? 0 : Math.round(v / 10 ** Math.floor(Math.log10(Math.abs(v))));
          return v === null || (isLog && ![1, 2, 5, 10].includes(digit)) ? '' : text(v);
        })
      };
    }

    function draw() {
      const width = holder.clientWidth;
      if (plot) {
        plot.destroy();
      }
      const scale = isLog => (isLog ? {distr: 3, log: 10} : {});
      plot = new uPlot({
        width, height: Math.max(260, Math.min(480, Math.round(width * .55))),
        legend: {show: false},
        cursor: {drag: {x: true, y: false}, points: {size: 9}},
        scales: {x: {time: false, range: across, ...scale(log.x)}, y: {range, ...scale(log.y)}},
        axes: [axis(data.x, log.x), {...axis(data.y, log.y), size: 64}],
        series: [{}, ...series.map(one => ({
          label: one.of.name, show: one.shown, stroke: ink(one.of.colour),
          width: one.of.dash ? 2.5 : 0, spanGaps: true,
          paths: one.of.dash ? undefined : () => null,
          dash: one.of.dash && one.of.dash.length ? one.of.dash : undefined,
          points: {show: one.of.markers, size: 8, fill: ink(one.of.colour)}
        }))],
        hooks: {
          drawAxes: [u => intervals(u, series)],
          setCursor: [u => say(u.cursor.idx)]
        }
      }, [places, ...series.map(one => one.y)], body);
      say(null);
    }

    ['y', 'x'].filter(one => canLog[one]).forEach(one => {
      const button = element(tools, 'button', {type: 'button', className: 'log-' + one});
      const name = () => {
        button.textContent = one + ' axis: ' + (log[one] ? 'logarithmic' : 'linear');
      };
      button.onclick = () => {
        log[one] = !log[one];
        name();
        draw();
      };
      name();
    });

    function zoom(factor) {
      const scale = plot.scales.x;
      const centre = plot.cursor.idx === null || plot.cursor.idx === undefined
        ? (scale.min + scale.max) / 2 : places[plot.cursor.idx];
      const half = (scale.max - scale.min) / 2 * factor;
      plot.setScale('x', {
        min: Math.max(places[0], centre - half), max: Math.min(places[places.length - 1], centre + half)
      });
    }
    const whole = () => plot.setScale('x', {min: places[0], max: places[places.length - 1]});
    element(tools, 'button', {type: 'button', textContent: 'zoom in', onclick: () => zoom(.5)});
    element(tools, 'button', {type: 'button', textContent: 'whole', onclick: whole});

    let place = -1;
    body.onkeydown = event => {
      const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
      if (step) {
        place = Math.max(0, Math.min(places.length - 1, place + step));
        plot.setCursor({left: plot.valToPos(places[place], 'x'), top: 10});
      } else if (event.key === '+' || event.key === '-') {
        zoom(event.key === '+' ? .5 : 2);
      } else if (event.key === 'Escape') {
        whole();
      } else {
        return;
      }
      event.preventDefault();
    };

    holder.classList.add('live');
    draw();
    new ResizeObserver(() => {
      if (holder.clientWidth !== plot.width) {
        plot.setSize({width: holder.clientWidth, height: plot.height});
      }
    }).observe(holder);
    dark.addEventListener('change', draw);
  }

  document.querySelectorAll('.chart').forEach(live);
})();
