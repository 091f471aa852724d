'use strict';
// What is known of the units stands as JSON in the page. Every text gets into the document as a text node.
const data = JSON.parse(document.getElementById('data').textContent);
const units = new Map(data.units.map(unit => [unit.address, unit]));
const nodes = [...document.querySelectorAll('.node')];
const search = document.getElementById('search');
const aside = document.querySelector('aside');

function element(name, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function link(address) {
  const item = element('li');
  const button = element('button', address);
  button.addEventListener('click', () => choose(address, true));
  item.append(button);
  return item;
}

function list(addresses) {
  const made = element('ul');
  made.append(...addresses.map(link));
  return made;
}

// Shows one unit, or what a folded module stands for.
function choose(address, scroll) {
  for (const node of nodes) {
    const chosen = node.dataset.unit === address;
    node.classList.toggle('chosen', chosen);
    if (chosen && scroll) node.scrollIntoView({block: 'nearest', inline: 'nearest'});
  }
  const unit = units.get(address);
  const parts = [element('h2', address)];
  if (unit) {
    const facts = element('dl');
    for (const [name, value] of unit.facts) facts.append(element('dt', name), element('dd', value));
    parts.push(facts);
    parts.push(element('h2', 'Body'), element('pre', unit.body));
  } else {
    parts.push(list(data.units.map(each => each.address).filter(each => each.startsWith(address + '.'))));
  }
  aside.replaceChildren(...parts);
}

// Shows all units again, and what is wrong with the template.
function overview() {
  for (const node of nodes) node.classList.remove('chosen');
  const parts = [];
  if (data.diagnostics.length) {
    parts.push(element('h2', 'Diagnostics'));
    for (const said of data.diagnostics) parts.push(element('p', said.text, said.error ? 'bad' : ''));
  }
  parts.push(element('h2', data.units.length === 1 ? '1 unit' : `${data.units.length} units`));
  parts.push(list(data.units.map(unit => unit.address)));
  aside.replaceChildren(...parts);
}

function find() {
  const wanted = search.value.trim().toLowerCase();
  const hits = data.units.filter(unit => unit.words.includes(wanted)).map(unit => unit.address);
  for (const node of nodes) {
    const key = node.dataset.unit;
    node.classList.toggle('dim', wanted !== '' && !hits.some(hit => hit === key || hit.startsWith(key + '.')));
  }
  if (wanted === '') overview();
  else aside.replaceChildren(element('h2', `${hits.length} found`), list(hits));
  return hits;
}

for (const node of nodes) {
  node.setAttribute('tabindex', '0');
  node.setAttribute('role', 'button');
  node.addEventListener('click', () => choose(node.dataset.unit, false));
  node.addEventListener('keydown', event => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      choose(node.dataset.unit, false);
    }
  });
}
search.addEventListener('input', find);
search.addEventListener('keydown', event => {
  if (event.key === 'Enter' && search.value.trim()) {
    const [first] = find();
    if (first !== undefined) choose(first, true);
  }
});
document.addEventListener('keydown', event => {
  if (event.key === '/' && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  } else if (event.key === 'Escape') {
    search.value = '';
    find();
  }
});
overview();
