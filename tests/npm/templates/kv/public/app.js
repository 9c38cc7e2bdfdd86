document.body.append('notes');
