// What Google Apps Script gives to a script bound to a form; node apps_script.js SCRIPT CALL STATUS…
// Prints what was fetched and what is kept. Bytes are signed, as they are there.
'use strict';
const crypto = require('node:crypto');
const fs = require('node:fs');
const vm = require('node:vm');

const [, , file, call, ...statuses] = process.argv;
const input = JSON.parse(fs.readFileSync(0, 'utf8'));
const fetched = [];
const signedBytes = buffer => Array.from(Int8Array.from(buffer));
const buffer = bytes => Buffer.from(Int8Array.from(bytes).buffer);
const kept = input.properties;

const response = {
  getId: () => input.response.id,
  getTimestamp: () => new Date(input.response.at),
  getRespondentEmail: () => input.response.email,
  getItemResponses: () => input.response.items.map(([title, answer]) => ({
    getItem: () => ({getTitle: () => title}), getResponse: () => answer,
  })),
};

const google = {
  console: {warn() {}},
  PropertiesService: {getScriptProperties: () => ({
    getProperty: name => kept[name] ?? null,
    getProperties: () => ({...kept}),
    setProperty: (name, text) => { kept[name] = text; },
    deleteProperty: name => { delete kept[name]; },
  })},
  FormApp: {getActiveForm: () => ({
    getId: () => input.form.id, getTitle: () => input.form.title, getResponse: id => {
      if (id !== input.response.id) throw new Error('Failed to retrieve form data');
      return response;
    },
  })},
  Utilities: {
    sleep() {},
    newBlob: () => ({setDataFromString: (text, charset) => ({
      getBytes: () => signedBytes(Buffer.from(text, charset.toLowerCase())),
    })}),
    base64Decode: text => signedBytes(Buffer.from(text, 'base64')),
    base64Encode: bytes => buffer(bytes).toString('base64'),
    computeHmacSha256Signature: (bytes, key) => signedBytes(
      crypto.createHmac('sha256', buffer(key)).update(buffer(bytes)).digest()),
  },
  UrlFetchApp: {fetch(url, options) {
    const status = Number(statuses.shift());
    fetched.push({url, body: options.payload, headers: options.headers});
    if (!status) throw new Error('Address unavailable');
    return {getResponseCode: () => status};
  }},
  event: {response},
};

vm.runInNewContext(`${fs.readFileSync(file, 'utf8')};${call}`, google);
process.stdout.write(JSON.stringify({fetched, kept}));
