// The reader's own layer: choices among what was measured, and what was measured there.
'use strict';
(function () {
  const holder = document.getElementById('times');
  if (!holder) {
    return;
  }
  const {runs, times} = JSON.parse(holder.textContent);
  times.forEach(time => {
    time.machine = runs[time.run].machine;
    ['low', 'high', 'floor'].forEach(key => { time[key] = Number(time[key]); });
  });
  // In the order of the page: each choice offers what goes with those before it.
  const choices = [
    ['machine', 'machine', ''], ['mode', 'pass', 'forward'], ['cell', 'cell', 'LSTM'],
    ['hidden', 'hidden size H', 128], ['batch', 'batch B', 1], ['threads', 'threads', 1],
    ['steps', 'steps T', 100], ['input', 'input size I', 128]
  ];
  const form = document.getElementById('choices');
  const answer = document.getElementById('answer');
  const wanted = Object.fromEntries(choices.map(([key, , first]) => [key, first]));
  const selects = {};

  function element(parent, tag, text, set) {
    const made = document.createElement(tag);
    made.textContent = text;
    Object.assign(made, set);
    parent.append(made);
    return made;
  }

  function micros(value) {
    const [scaled, unit] = value >= 1e5 ? [value / 1e3, 'ms'] : [value, 'µs'];
    return Number(scaled.toPrecision(4)) + ' ' + unit;
  }

  choices.forEach(([key, label]) => {
    const box = element(form, 'label', label);
    selects[key] = element(box, 'select', '', {name: key});
    selects[key].addEventListener('change', () => {
      wanted[key] = selects[key].value;
      show();
    });
  });

  /** Fills the choices and gives the times that go with all of them. */
  function chosen() {
    let left = times;
    choices.forEach(([key]) => {
      const values = [...new Set(left.map(time => time[key]))];
      if (typeof values[0] === 'number') {
        values.sort((a, b) => a - b);
      }
      const value = values.find(one => String(one) === String(wanted[key])) ?? values[0];
      selects[key].replaceChildren(...values.map(one => new Option(one, one, false, one === value)));
      selects[key].parentElement.hidden = values.length < 2;
      left = left.filter(time => time[key] === value);
    });
    return left;
  }

  function row(table, cells) {
    const made = table.insertRow();
    cells.forEach(text => { made.insertCell().textContent = text; });
    return made;
  }

  function show() {
    const [time] = chosen(); // those beside other libraries come first
    const run = runs[time.run];
    answer.replaceChildren();
    element(answer, 'p', micros(time.micros / time.steps) + ' a step', {className: 'time'});
    element(answer, 'p', `${time.cell}, ${time.mode}, B=${time.batch}, T=${time.steps}, `
      + `I=${time.input}, H=${time.hidden}, ${time.threads} thread${time.threads === 1 ? '' : 's'}: `
      + `${micros(time.micros)} a call of ${time.steps} steps`
      + (Number.isNaN(time.low) ? '.' : `, 95 % interval ${micros(time.low)} to ${micros(time.high)}.`));
    const scroll = element(answer, 'div', '', {className: 'scroll'});
    const table = element(scroll, 'table', '');
    const head = table.createTHead().insertRow();
    ['', 'a call', 'a step', 'times ours [95 %]'].forEach(text => element(head, 'th', text));
    const body = table.createTBody();
    if (!Number.isNaN(time.floor)) {
      row(body, ['the floor: the least this machine allows', micros(time.floor),
        micros(time.floor / time.steps), (time.floor / time.micros).toFixed(2)]);
    }
    row(body, ['Unroll', micros(time.micros), micros(time.micros / time.steps), '1']);
    [...time.rivals].sort((a, b) => a.micros - b.micros).forEach(rival => row(body, [
      rival.name, micros(rival.micros), micros(rival.micros / time.steps),
      `${rival.ratio.toFixed(2)} [${rival.low.toFixed(2)}, ${rival.high.toFixed(2)}]`]));
    if (time.rivals.length === 0) {
      element(answer, 'p', 'No other library was measured at this size.', {className: 'quiet'});
    }
    run.doubts.forEach(doubt => {
      const badge = element(answer, 'details', '', {className: 'doubt'});
      element(badge, 'summary', 'A doubt about this run');
      element(badge, 'p', doubt + '.');
    });
    const from = element(answer, 'p', 'From ', {className: 'quiet'});
    element(from, 'a', run.name, {href: run.page});
    from.append(', ' + run.machine + ', commit ' + run.commit + '.');
  }

  form.hidden = answer.hidden = false;
  show();
})();
