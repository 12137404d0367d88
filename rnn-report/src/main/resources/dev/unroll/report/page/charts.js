// Draws each chart of the page from its data, in place of its picture. Lines, points and bars with
// uPlot: the value and the interval under the pointer or the arrow keys, series that can be hidden,
// logarithms, zoom. Maps as tables.
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

  /** A value and, where it has one, its interval. */
  function measured(value, low, high) {
    const known = value !== null && value !== undefined;
    const has = low !== null && low !== undefined && (!known || low !== value || high !== value);
    return [known ? text(value) : '', has ? '[' + text(low) + ', ' + text(high) + ']' : '']
      .filter(one => one).join(' ');
  }

  /**
   * The series of a chart over all of their places, with gaps where one has no value. A place at
   * which a series has several points is there as often.
   */
  function align(data) {
    const slots = data.series.map(one => {
      const seen = new Map();
      return numbers(one.x).map(x => {
        seen.set(x, (seen.get(x) ?? -1) + 1);
        return x + ' ' + seen.get(x);
      });
    });
    const keys = [...new Set(slots.flat())]
      .map(key => [key, ...key.split(' ').map(Number)])
      .sort((one, other) => one[1] - other[1] || one[2] - other[2]);
    const at = new Map(keys.map(([key], i) => [key, i]));
    const series = data.series.map((one, k) => {
      const out = {of: one, shown: true};
      ['y', 'low', 'high', 'left', 'right', 'names'].forEach(key => {
        out[key] = new Array(keys.length).fill(null);
        (one[key] ?? []).forEach((value, i) => {
          const known = key === 'names' ? value : Number(value);
          out[key][at.get(slots[k][i])] = Number.isNaN(known) ? null : known;
        });
      });
      return out;
    });
    return {places: keys.map(([, x]) => x), series};
  }

  const positive = values => values.every(value => value === null || value > 0);

  /** Bars from zero, bands of lines, strokes at points, below the lines. */
  function intervals(u, series, bars) {
    const c = u.ctx;
    c.save();
    c.beginPath();
    c.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    c.clip();
    const clamp = value => Math.max(u.scales.y.min, Math.min(u.scales.y.max, value));
    const x = value => u.valToPos(value, 'x', true);
    const y = value => u.valToPos(clamp(value), 'y', true);
    const stroke = (...ends) => {
      c.beginPath();
      ends.forEach(([across, up]) => c.lineTo(across, up));
      c.stroke();
    };
    const shown = series.filter(one => one.shown);
    const wide = .8 * (x(1) - x(0)) / shown.length;
    shown.forEach((one, k) => {
      const at = i => x(u.data[0][i]) + (bars ? (k - (shown.length - 1) / 2) * wide : 0);
      const known = one.low.map((low, i) => i).filter(i => one.low[i] !== null);
      c.strokeStyle = c.fillStyle = ink(one.of.colour);
      c.globalAlpha = 1;
      if (bars) {
        one.y.forEach((value, i) => {
          if (value !== null) {
            c.fillRect(at(i) - wide / 2, y(value), wide, y(0) - y(value));
          }
        });
        c.strokeStyle = css('--ink');
      }
      if (one.of.dash && !one.of.markers && known.length > 1) {
        c.globalAlpha = .2;
        c.beginPath();
        known.forEach(i => c.lineTo(at(i), y(one.low[i])));
        known.reverse().forEach(i => c.lineTo(at(i), y(one.high[i])));
        c.fill();
        return;
      }
      const expected = !bars && !one.of.dash && !one.of.markers;
      c.globalAlpha = expected ? .5 : bars ? 1 : .75;
      c.lineWidth = (expected ? 6 : 2) * devicePixelRatio;
      known.forEach(i => stroke([at(i), y(one.low[i])], [at(i), y(one.high[i])]));
      one.left.forEach((left, i) => {
        if (left !== null) {
          stroke([x(left), y(one.y[i])], [x(one.right[i]), y(one.y[i])]);
        }
      });
    });
    c.restore();
  }

  const light = colour => [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16) / 255)
    .map(v => (v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);

  /** The colour at a share of the way from the first to the last. */
  function mixed(colours, share) {
    const at = Math.max(0, Math.min(1, share)) * (colours.length - 1);
    const i = Math.min(Math.floor(at), colours.length - 2);
    return '#' + [1, 3, 5].map(k => {
      const [from, to] = [i, i + 1].map(j => parseInt(colours[j].slice(k, k + 2), 16));
      return Math.round(from + (at - i) * (to - from)).toString(16).padStart(2, '0');
    }).join('');
  }

  /** A map: each cell's value is told under the pointer or the arrow keys. */
  function map(holder, data) {
    element(holder, 'span', {className: 'title', textContent: data.title});
    const at = element(holder, 'span', {className: 'at', textContent: 'Point at a cell, or walk'
      + ' with the arrow keys, to read its value.'});
    at.setAttribute('aria-live', 'polite');
    const scroll = element(holder, 'div', {className: 'scroll'});
    const table = element(scroll, 'table', {className: 'map'});
    table.setAttribute('aria-label', holder.querySelector('img').alt);
    const written = data.columns.length <= 16;
    const cells = data.values.map((row, j) => {
      const line = table.insertRow(0); // the first row is at the foot
      element(line, 'th', {scope: 'row', textContent: data.rows[j]});
      return row.map(Number).map((value, i) => {
        const cell = line.insertCell();
        const low = data.low && Number(data.low[j][i]);
        const told = Number.isNaN(value) ? 'not tried' : !Number.isFinite(value)
          ? 'tried, without a value' : measured(value, low, data.high && Number(data.high[j][i]));
        cell.tabIndex = -1;
        cell.setAttribute('aria-label', told);
        if (Number.isFinite(value)) {
          const colour = mixed(data.colours, (value - data.from) / (data.to - data.from));
          cell.style.background = colour;
          cell.style.color = light(colour) < .179 ? '#ffffff' : '#000000';
          cell.textContent = written ? String(Math.round(100 * value) / 100) : '';
        } else if (!Number.isNaN(value)) {
          cell.className = 'none';
        }
        cell.onmouseenter = cell.onfocus = () => {
          at.textContent = [[data.y, data.rows[j]], [data.x, data.columns[i]]]
            .map(([name, here]) => (name ? name + ' ' : '') + here).join(', ') + ': ' + told;
        };
        cell.onkeydown = event => {
          const [up, right] = {ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowRight: [0, 1],
            ArrowLeft: [0, -1]}[event.key] ?? [0, 0];
          const next = cells[j + up]?.[i + right];
          if (next && next !== cell) {
            cell.tabIndex = -1;
            next.tabIndex = 0;
            next.focus();
            event.preventDefault();
          }
        };
        return cell;
      });
    });
    cells[cells.length - 1][0].tabIndex = 0;
    const foot = table.insertRow();
    element(foot, 'th', {textContent: data.x});
    data.columns.forEach(name => element(foot, 'th', {scope: 'col', textContent: name}));
    holder.classList.add('live');
  }

  function live(holder) {
    const data = JSON.parse(holder.querySelector('script').textContent);
    if (data.values) {
      map(holder, data);
      return;
    }
    const {places, series} = align(data);
    const names = data.names;
    const bars = names && data.series.every(one => !one.dash && !one.markers);
    // Among points the pointer reads the nearest; lines it reads at one place.
    const scattered = !bars && data.series.some(one => !one.dash && one.markers)
      && data.series.every(one => !one.dash || one.x.length <= 2);
    const picture = holder.querySelector('img');
    const canLog = {
      x: !names && positive(places),
      y: !bars && (data.log_y || series.every(one => positive(one.y) && positive(one.low)))
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
      const dash = one.of.dash && one.of.dash.length
        ? ' stroke-dasharray="' + one.of.dash.map(length => length / 2.4) + '"' : '';
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

    /** All points that are shown, from left to right. */
    const points = () => series.filter(one => one.shown)
      .flatMap(one => one.y.map((value, i) => ({one, i})).filter(({i}) => one.y[i] !== null))
      .sort((a, b) => a.i - b.i);

    /** The height at which a value is drawn: one below an axis of logarithms stands at its foot. */
    const drawn = value =>
      (value === null || !log.y || data.low === null ? value : Math.max(value, data.low));

    let chosen = null;
    function choose(u) {
      const {left, top} = u.cursor;
      const away = ({one, i}) => Math.hypot(u.valToPos(places[i], 'x') - left,
        u.valToPos(drawn(one.y[i]), 'y') - top);
      chosen = left < 0 ? null : points().reduce((best, point) =>
        (best === null || away(point) < away(best) ? point : best), null);
    }

    function say(i) {
      const none = i === null || i === undefined;
      at.textContent = 'Point at the chart to read its values; drag to zoom.';
      if (scattered && chosen) {
        const {one, i: k} = chosen;
        at.textContent = [one.names[k], one.of.name].filter(name => name).join(', ') + ': '
          + data.x + ' ' + measured(places[k], one.left[k], one.right[k]) + '; '
          + data.y + ' ' + measured(one.y[k], one.low[k], one.high[k]);
      } else if (!scattered && !none) {
        at.textContent = names ? names[places[i]] : data.x + ': ' + text(places[i]);
      }
      series.forEach((one, k) => {
        buttons[k].lastChild.textContent = one.of.name
          + (none || scattered ? '' : ' ' + measured(one.y[i], one.low[i], one.high[i]));
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
      if (scattered && data.low !== null) {
        return log.y ? [data.low / 1.1, Math.max(data.low, data.high) * 1.2]
          : [Math.min(data.low, least), Math.max(data.high, most)];
      }
      if (log.y) {
        return uPlot.rangeLog(least, most, 10, false);
      }
      const wide = least === most ? Math.abs(least) || 1 : 0;
      return [data.low ?? least - wide, data.high ?? most + wide];
    }

    /** Room beside the first and the last place. */
    function across(u, least, most) {
      if (bars) {
        return [Math.round(least) - .5, Math.round(most) + .5];
      }
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

    /** An axis across of names, upright where they would meet. */
    function named(width) {
      const longest = 7.6 * Math.max(...names.map(name => name.length));
      const upright = longest * names.length > width - 80;
      return {
        splits: () => places, values: (u, splits) => splits.map(i => names[i] ?? ''),
        rotate: upright ? -90 : 0, size: upright ? Math.min(240, longest) + 20 : 50
      };
    }

    function draw() {
      const width = holder.clientWidth;
      if (plot) {
        plot.destroy();
      }
      const axisAcross = {...axis(data.x, log.x), ...(names ? named(width) : {size: 50})};
      const scale = isLog => (isLog ? {distr: 3, log: 10} : {});
      plot = new uPlot({
        width,
        height: Math.max(260, Math.min(430, Math.round(width * .55))) + axisAcross.size - 50,
        legend: {show: false},
        cursor: {
          drag: {x: true, y: false}, points: {size: scattered ? 14 : 9},
          dataIdx: (u, k, i) => {
            if (!scattered || k === 0) {
              return i;
            }
            choose(u);
            return chosen && chosen.one === series[k - 1] ? chosen.i : null;
          }
        },
        scales: {x: {time: false, range: across, ...scale(log.x)}, y: {range, ...scale(log.y)}},
        axes: [axisAcross, {...axis(data.y, log.y), size: 64}],
        series: [{}, ...series.map(one => ({
          label: one.of.name, show: one.shown, stroke: ink(one.of.colour),
          width: one.of.dash ? 2.5 : 0, spanGaps: true,
          paths: one.of.dash ? undefined : () => null,
          dash: one.of.dash && one.of.dash.length ? one.of.dash : undefined,
          points: {show: one.of.markers, size: 8, fill: ink(one.of.colour)}
        }))],
        hooks: {
          drawAxes: [u => intervals(u, series, bars)],
          setCursor: [u => say(u.cursor.idx)]
        }
      }, [places, ...series.map(one => one.y.map(drawn))], body);
      chosen = null;
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
        const all = scattered ? points() : places;
        place = Math.max(0, Math.min(all.length - 1, place + step));
        const at = scattered ? all[place].i : place;
        plot.setCursor({
          left: plot.valToPos(places[at], 'x'),
          top: scattered ? plot.valToPos(drawn(all[place].one.y[at]), 'y') : 10
        });
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
