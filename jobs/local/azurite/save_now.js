// Node.js loads this before Azurite. Azurite writes its lists of blobs every 5 s, by way of the library lokijs: a blob
// that is younger is lost with the process. `POST /?save` writes them at once, and answers when they are on disk:
// 204, or 500 with the reason. The blobs themselves are on disk already when Azurite answers.
"use strict";

const fs = require("fs");
const http = require("http");
const path = require("path");
const Loki = require("module").createRequire(process.argv[1])("lokijs");

const lists = new Set();
const saveDatabase = Loki.prototype.saveDatabase;

// Azurite saves each list once as it starts.
Loki.prototype.saveDatabase = function (...words) {
  lists.add(this);
  return saveDatabase.apply(this, words);
};

// Its own writes no byte through to the disk: a power cut could leave an empty file under the name of the list.
Loki.persistenceAdapters.fs.prototype.saveDatabase = function (name, text, callback) {
  writeThrough(name, text).then(() => callback(), callback);
};

async function writeThrough(name, text) {
  await fs.promises.writeFile(`${name}~`, text, { flush: true });
  await fs.promises.rename(`${name}~`, name);
  if (process.platform !== "win32") await syncFolder(path.dirname(name));
}

async function syncFolder(folder) {
  const handle = await fs.promises.open(folder);
  await handle.sync().finally(() => handle.close());
}

function save(list) {
  if (!list.autosaveDirty() && !list.throttledSavePending) return null;
  return new Promise((resolve, reject) => {
    list.saveDatabase((error) => {
      if (!error) return resolve();
      list.collections[0].dirty = true; // lokijs has taken it for saved
      return reject(error);
    });
  });
}

const emit = http.Server.prototype.emit;

http.Server.prototype.emit = function (event, request, response) {
  if (event !== "request" || request.method !== "POST" || request.url !== "/?save") return emit.apply(this, arguments);
  Promise.all([...lists].map(save)).then(
    () => response.writeHead(204).end(),
    (error) => response.writeHead(500).end(String(error.message)),
  );
  return true;
};
