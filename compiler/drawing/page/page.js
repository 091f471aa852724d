'use strict';
// What is known of the units stands as JSON in the page. Every text gets into the document as a text node.
const data = JSON.parse(document.getElementById('data').textContent);
const units = new Map(data.units.map(unit => [unit.key, unit]));
const nodes = [...document.querySelectorAll('.node')];
const search = document.getElementById('search');
const aside = document.querySelector('aside');

function element(name, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function link(unit) {
  const item = element('li');
  const button = element('button', unit.address);
  button.addEventListener('click', () => choose(unit.key, true));
  item.append(button);
  return item;
}

function list(units) {
  const made = element('ul');
  made.append(...units.map(link));
  return made;
}

// Shows one unit, or what a folded module stands for.
function choose(key, scroll) {
  for (const node of nodes) {
    const chosen = node.dataset.unit === key;
    node.classList.toggle('chosen', chosen);
    if (chosen && scroll) node.scrollIntoView({block: 'nearest', inline: 'nearest'});
  }
  const unit = units.get(key);
  const parts = [element('h2', unit ? unit.address : key)];
  if (unit) {
    const facts = element('dl');
    for (const [name, value] of unit.facts) facts.append(element('dt', name), element('dd', value));
    parts.push(facts);
    if (unit.body !== null) parts.push(element('h2', 'Body'), element('pre', unit.body));
  } else {
    parts.push(list(data.units.filter(each => each.key.startsWith(key + '.'))));
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
  parts.push(list(data.units));
  aside.replaceChildren(...parts);
}

function find() {
  const wanted = search.value.trim().toLowerCase();
  const hits = data.units.filter(unit => unit.words.includes(wanted));
  for (const node of nodes) {
    const key = node.dataset.unit;
    node.classList.toggle('dim', wanted !== '' && !hits.some(hit => hit.key === key || hit.key.startsWith(key + '.')));
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

// Draws everything larger or smaller, between a quarter and four times its size.
const drawings = [...document.querySelectorAll('main svg')].map(svg => [svg, svg.viewBox.baseVal]);
let zoom = 1;
function enlarge(factor) {
  zoom = Math.min(Math.max(zoom * factor, 0.25), 4);
  for (const [svg, {width, height}] of drawings) {
    svg.setAttribute('width', width * zoom);
    svg.setAttribute('height', height * zoom);
  }
}
document.getElementById('in').addEventListener('click', () => enlarge(1.25));
document.getElementById('out').addEventListener('click', () => enlarge(0.8));

search.addEventListener('input', find);
search.addEventListener('keydown', event => {
  if (event.key === 'Enter' && search.value.trim()) {
    const [first] = find();
    if (first !== undefined) choose(first.key, true);
  }
});
document.addEventListener('keydown', event => {
  if (event.key === '/' && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  } else if (event.key === 'Escape') {
    search.value = '';
    find();
  } else if (document.activeElement !== search && !event.ctrlKey && !event.metaKey && '+-'.includes(event.key)) {
    enlarge(event.key === '+' ? 1.25 : 0.8);
  }
});
overview();
