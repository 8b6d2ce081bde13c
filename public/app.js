/* Berth console: small comforts over pages that already work without this file.
   One delegated listener per event, so fragments that htmx swaps in need no wiring. */
(() => {
  const doc = document;
  const $ = (s, r = doc) => r.querySelector(s);
  const $$ = (s, r = doc) => [...r.querySelectorAll(s)];
  const cookie = (name, value) => {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API needs HTTPS, which a LAN may not have
    doc.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax`;
  };
  // The catalogue's words arrive as data attributes on <body>; the server renders them in the page's language.
  const word = (key, n) => (doc.body.dataset[key] || '').replace('{n}', n);
  const say = (text) => {
    const box = $('dialog:modal .say') || $('#say');
    if (!box) return;
    box.textContent = '';
    setTimeout(() => {
      box.textContent = text;
    }, 50);
  };

  /* Copy: clipboard API (secure pages), then a selected textarea (plain http), then select and ask. */
  async function copy(text, near) {
    try {
      if (isSecureContext && navigator.clipboard) {
        await navigator.clipboard.writeText(text);
        return true;
      }
    } catch {
      /* next level */
    }
    const area = Object.assign(doc.createElement('textarea'), { value: text, readOnly: true, className: 'vh' });
    (near.closest('dialog') || doc.body).append(area);
    area.select();
    let done = false;
    try {
      done = doc.execCommand('copy');
    } catch {
      /* next level */
    }
    area.remove();
    near.focus({ preventScroll: true });
    return done;
  }
  async function onCopy(button) {
    const from = button.dataset.from && doc.getElementById(button.dataset.from);
    const ok = await copy(button.dataset.copy || (from ? from.textContent.trim() : ''), button);
    say(word(ok ? 'copied' : 'copyFailed'));
    if (!ok) {
      if (from) getSelection().selectAllChildren(from);
      return;
    }
    const use = $('use', button);
    const label = $('span:not(.vh)', button);
    button.classList.add('copied');
    if (use && !button.dataset.icon) {
      button.dataset.icon = use.getAttribute('href');
      use.setAttribute('href', button.dataset.icon.replace(/#.*/, '#check'));
    }
    if (label && !button.dataset.label) {
      button.dataset.label = label.textContent;
      label.textContent = word('copied');
    }
    clearTimeout(button.timer);
    button.timer = setTimeout(() => {
      button.classList.remove('copied');
      if (use) {
        use.setAttribute('href', button.dataset.icon);
        delete button.dataset.icon;
      }
      if (label) {
        label.textContent = button.dataset.label;
        delete button.dataset.label;
      }
    }, 1800);
  }

  const close = (menu, focus) => {
    menu.open = false;
    if (focus) $('summary', menu).focus();
  };
  const unlock = (input) => {
    $('.danger', input.form).disabled = input.value.trim() !== input.dataset.confirm;
  };

  doc.addEventListener('click', (e) => {
    for (const menu of $$('details.menu[open]')) if (!menu.contains(e.target)) close(menu);
    const el = e.target.closest('[data-copy],[data-from],[data-open],[data-theme-set],[data-cmd],[data-peek]');
    if (!el) return;
    const d = el.dataset;
    if ('copy' in d || 'from' in d) void onCopy(el);
    if (d.open) {
      const box = doc.getElementById(d.open);
      if (box) {
        e.preventDefault();
        box.showModal();
      }
    }
    if (d.themeSet) {
      e.preventDefault();
      if (d.themeSet === 'auto') delete doc.documentElement.dataset.theme;
      else doc.documentElement.dataset.theme = d.themeSet;
      cookie('theme', d.themeSet);
      for (const button of $$('[data-theme-set]')) button.setAttribute('aria-pressed', button === el);
      close(el.closest('details'), true);
    }
    if (d.cmd) {
      e.preventDefault();
      const box = el.closest('.pull');
      const summary = $('summary', box);
      $('code', box).textContent = d.cmd;
      box.classList.toggle('ref', 'ref' in d);
      for (const choice of $$('[data-cmd]', box)) {
        if (choice === el) choice.setAttribute('aria-current', 'true');
        else choice.removeAttribute('aria-current');
      }
      const name = el.textContent.trim();
      summary.setAttribute(
        'aria-label',
        summary.getAttribute('aria-label').replace($('span', summary).textContent, name),
      );
      $('span', summary).textContent = name;
      cookie('client', d.client);
      close(el.closest('details'), true);
    }
    if (d.peek) {
      const input = doc.getElementById(d.peek);
      const show = input.type === 'password';
      input.type = show ? 'text' : 'password';
      el.setAttribute('aria-pressed', show);
    }
  });

  /* An input method that still composes is not done typing: searching waits for what it settles on. */
  doc.addEventListener(
    'input',
    (e) => {
      if (e.isComposing) e.stopImmediatePropagation();
    },
    true,
  );
  doc.addEventListener('compositionend', (e) => e.target.dispatchEvent(new Event('input', { bubbles: true })));

  /* Typed confirmation and the count of unsaved changes. The server checks both again. */
  doc.addEventListener('input', (e) => {
    const form = e.target.form;
    if ('confirm' in e.target.dataset) unlock(e.target);
    if (!form?.matches('[data-count]')) return;
    const changed = [...form.elements].filter((x) =>
      x.type === 'checkbox' ? x.checked !== x.defaultChecked : 'defaultValue' in x && x.value !== x.defaultValue,
    ).length;
    $('.save output', form).textContent = changed ? word('unsaved', changed) : word('saved');
    form.classList.toggle('dirty', changed > 0);
  });
  doc.addEventListener('reset', (e) => {
    if (!e.target.matches('[data-count]')) return;
    e.target.classList.remove('dirty');
    $('.save output', e.target).textContent = word('saved');
  });

  /* A list that htmx replaced says how long it is. */
  doc.addEventListener('htmx:after:swap', () => {
    const list = $('#list');
    if (list) say(list.dataset.say);
  });

  /* Keys: every one optional, off inside fields, while composing, or with modifiers. */
  let lastG = 0;
  doc.addEventListener('keydown', (e) => {
    if (e.key === 'Escape') {
      const menu = $('details.menu[open]');
      if (menu) {
        e.preventDefault();
        close(menu, true);
      }
      return;
    }
    if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey || $('dialog:modal')) return;
    if (e.target.closest('input:not([type=checkbox],[type=radio]),select,textarea,[contenteditable]')) return;
    const go = Date.now() - lastG < 1200 && $(`[data-go="${CSS.escape(e.key)}"]`);
    lastG = e.key === 'g' ? Date.now() : 0;
    const target = go || { '/': $('#q'), '?': $('#keys'), c: $('.pull .btn[data-from]') }[e.key];
    if (!target) return;
    e.preventDefault();
    if (target.matches('dialog')) target.showModal();
    else if (target.matches('input')) {
      target.focus();
      target.select();
    } else target.click();
  });
})();
