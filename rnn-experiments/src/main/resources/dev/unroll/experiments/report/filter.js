// Shows the experiments that have what was chosen. Without it all of them are shown.
'use strict';
(function () {
  const form = document.getElementById('filter');
  const all = [...document.querySelectorAll('#experiments > li')];
  function filter() {
    const chosen = [...form.elements].filter(one => one.name && one.value);
    all.forEach(item => {
      item.hidden = !chosen.every(one => item.dataset[one.name].split('|').includes(one.value));
    });
    document.getElementById('count').textContent =
      all.filter(item => !item.hidden).length + ' of ' + all.length;
  }
  form.addEventListener('change', filter);
  form.hidden = false;
  filter();
})();
