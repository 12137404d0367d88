// Runs in a page of its own and opens every page of the site in a frame: says what is wrong with
// each, a line a fault, and then that it has seen all.
'use strict';
(async function () {
  const {pages, dark} = JSON.parse(document.getElementById('pages').textContent);
  const out = document.createElement('pre');
  const links = document.createElement('pre');
  links.id = 'links';
  out.id = 'faults';
  document.body.append(out, links);
  const frame = document.createElement('iframe');
  document.body.append(frame);
  let page = '';
  const fault = text => out.append(page + ': ' + text + '\n');
  const expect = (holds, text) => holds || fault(text);
  const drawing = () => new Promise(done => setTimeout(done, 20)); // frames may not come

  function open(path, width, scripts) {
    page = path;
    frame.width = width;
    frame.height = 800;
    if (scripts) {
      frame.removeAttribute('sandbox');
    } else {
      frame.sandbox = 'allow-same-origin';
    }
    return new Promise(done => {
      frame.onload = () => done(frame.contentDocument);
      frame.src = path;
    });
  }

  function fits(d, width) {
    const wide = [...d.querySelectorAll('main *')]
      .filter(one => one.getBoundingClientRect().right > width + 1 && !one.closest('.scroll, pre, .hidden, svg'))
      .map(one => one.tagName + '.' + one.className);
    expect(d.documentElement.scrollWidth <= width,
      'is ' + d.documentElement.scrollWidth + ' wide at ' + width + ': ' + wide.slice(0, 3));
  }

  const loads = source => new Promise(done => {
    const image = new Image();
    image.onload = done;
    image.onerror = () => done(fault('no picture ' + source));
    image.src = source;
  });

  /** The ratio of WCAG 2 between two colours. */
  function contrast(one, other) {
    const light = colour => {
      const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map(Number)
        .map(v => v / 255).map(v => (v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4));
      return .2126 * r + .7152 * g + .0722 * b;
    };
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + .05) / (low + .05);
  }

  function readable(d) {
    const behind = one => {
      for (let at = one; at; at = at.parentElement) {
        const colour = getComputedStyle(at).backgroundColor;
        if (colour !== 'rgba(0, 0, 0, 0)') {
          return colour;
        }
      }
      return getComputedStyle(d.body).backgroundColor;
    };
    const seen = new Set();
    d.querySelectorAll('p, a, h1, h2, button, th, td, summary, code, .quiet, .doubt, .mark, .at')
      .forEach(one => {
        const key = getComputedStyle(one).color + ' on ' + behind(one);
        if (!seen.has(key)) {
          seen.add(key);
          const ratio = contrast(...key.split(' on '));
          expect(ratio >= 4.5, 'contrast ' + ratio.toFixed(1) + ' of ' + key + ' in ' + one.tagName);
        }
      });
  }

  for (const path of pages) {
    const d = await open(path, 390, true);
    await Promise.all([...d.images].map(image => loads(image.src)));
    expect([...d.images].every(image => image.alt.trim()), 'a picture has no alt text');
    expect(d.querySelectorAll('h1').length === 1, d.querySelectorAll('h1').length + ' headings h1');
    d.querySelectorAll('button, select, a').forEach(one =>
      expect((one.textContent + (one.labels?.[0]?.textContent ?? '')
        + [...one.querySelectorAll('img')].map(image => image.alt).join('')).trim(),
        'a ' + one.tagName + ' has no name'));
    d.querySelectorAll('.chart').forEach(chart =>
      expect(chart.querySelector('canvas, .map'), 'a chart is not drawn'));
    d.querySelectorAll('a[href]').forEach(link => links.append(link.href + '\n'));
    readable(d);
    fits(d, 390);
  }

  const chosen = (select, value) => {
    select.value = value;
    select.dispatchEvent(new Event('change', {bubbles: true}));
  };

  if (!dark) {
    let d = await open('results/experiments.html', 1280, true);
    const shown = () => [...d.querySelectorAll('#experiments > li')]
      .filter(one => one.getBoundingClientRect().height > 0).length;
    const all = shown();
    chosen(d.querySelector('#filter [name=cell]'), 'GRU');
    const gru = shown();
    chosen(d.querySelector('#filter [name=verdict]'), 'claims judged');
    const judged = shown();
    expect(all > gru && gru > judged && judged > 0, `filters show ${all}, ${gru}, ${judged}`);
    expect(d.getElementById('count').textContent === judged + ' of ' + all, 'the count is wrong');

    d = await open('results/bench.html', 1280, true);
    const before = d.getElementById('answer').textContent;
    expect(/[\d.]+ µs a step/.test(before) && before.includes('PyTorch'), 'no answer: ' + before);
    chosen(d.querySelector('#choices [name=cell]'), 'GRU');
    expect(d.getElementById('answer').textContent.includes('GRU'), 'the choice changes nothing');

    d = await open('results/reference/experiments/copy-first/report.html', 1280, true);
    const chart = d.querySelector('.chart');
    const press = (on, key) => on.dispatchEvent(new frame.contentWindow.KeyboardEvent('keydown', {key}));
    const button = chart.querySelector('.series button');
    press(chart.querySelector('.plot'), 'ArrowRight');
    await drawing();
    expect(/\d \[.*\]/.test(button.textContent), 'no value and interval: ' + button.textContent);
    const drawn = () => chart.querySelector('canvas').toDataURL();
    let picture = drawn();
    const changes = async (what, act) => {
      act();
      await drawing();
      expect(drawn() !== picture, what + ' changes nothing');
      picture = drawn();
    };
    await changes('hiding a series', () => button.click());
    expect(button.getAttribute('aria-pressed') === 'false', 'a hidden series is not said to be');
    await changes('zoom', () => press(chart.querySelector('.plot'), '+'));
    await changes('the whole', () => press(chart.querySelector('.plot'), 'Escape'));
    await changes('a logarithm', () => chart.querySelector('.log-y').click());

    d = await open('results/reference/experiments/lyapunov/report.html', 1280, true);
    const points = d.querySelector('.chart');
    press(points.querySelector('.plot'), 'ArrowRight');
    await drawing();
    expect(/^[^,:]+, .*: .*exponent.* \[.*\]; .* \[.*\]$/.test(points.querySelector('.at').textContent),
      'a point does not say its name and intervals: ' + points.querySelector('.at').textContent);

    d = await open('results/reference/experiments/horizon/report.html', 1280, true);
    const cell = d.querySelector('.map td[tabindex="0"]');
    const said = () => d.querySelector('.map').closest('.chart').querySelector('.at').textContent;
    const corner = (cell.focus(), said());
    press(cell, 'ArrowRight');
    expect(/: .*\d/.test(corner) && said() !== corner, 'a map says ' + corner + ', then ' + said());
    const bars = [...d.querySelectorAll('.chart')].find(one => one.querySelector('canvas'));
    press(bars.querySelector('.plot'), 'ArrowRight');
    await drawing();
    expect(/\d \[.*\]/.test(bars.querySelector('.series').textContent), 'a bar has no value');

    // Without scripts everything is there as pictures and tables.
    d = await open('results/reference/experiments/copy-first/report.html', 390, false);
    expect(d.querySelector('.chart img').getBoundingClientRect().height > 0, 'no picture without scripts');
    d = await open('results/experiments.html', 390, false);
    expect([...d.querySelectorAll('#experiments > li')].length === all
      && d.querySelector('#filter').hidden, 'not everything is shown without scripts');
    fits(d, 390);
    d = await open('results/bench.html', 390, false);
    expect(d.querySelectorAll('details table').length > 1, 'no tables without scripts');
    fits(d, 390);
  }
  page = 'END';
  fault('seen ' + pages.length);
})();
