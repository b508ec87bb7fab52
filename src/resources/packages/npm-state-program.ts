/**
 * What npm has installed, for Node: a request as JSON on stdin, the answer on stdout. Nothing of a package is run. npm
 * itself keeps a list of what it put into a `node_modules` (`.package-lock.json`), in the form of `package-lock.json`.
 */
export const npmStateProgram = String.raw`
const fs = require('fs'), path = require('path')
const ask = JSON.parse(fs.readFileSync(0, 'utf8')), place = process.env.PLAY_NPM_PLACE
const done = (answer) => { console.log(JSON.stringify(answer)); process.exit(0) }
const fail = (why) => done({ is: 'error', why })
const read = (...parts) => {
  const file = path.join(...parts)
  let text
  try { text = fs.readFileSync(file, 'utf8') } catch { return undefined }
  try { return JSON.parse(text) } catch (e) { fail(file + ' is no JSON: ' + e.message) }
}
const there = (folder) => {
  try { return String(JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).version || '?') } catch { return '' }
}
let semver
try { semver = require('module').createRequire(fs.realpathSync(process.env.PLAY_NPM))('semver') } catch {}
// A tag, an address or a path says nothing of the version.
const fits = (version, spec) =>
  !semver || !semver.validRange(spec) ? spec === '' || !/^\d+\.\d+\.\d+$/.test(spec) || spec === version : semver.satisfies(version, spec, { includePrerelease: true })
const modules = path.join(place, ...(ask.global ? ['lib'] : []), 'node_modules')
if (ask.name !== '') {
  const version = there(path.join(modules, ask.name))
  const due = version === '' || !fits(version, ask.version) ? [{ name: ask.name, from: version, to: ask.version }] : []
  done({ is: 'known', place, version, due })
}
const own = read(place, 'package.json')
if (!own) fail('there is no package.json in ' + place)
const lock = read(place, 'npm-shrinkwrap.json') || read(place, 'package-lock.json')
if (ask.ci && !lock) fail('npm ci needs a package-lock.json, and there is none in ' + place)
const due = []
const groups = ['dependencies', 'devDependencies', 'optionalDependencies']
if (lock && lock.packages) {
  const root = lock.packages[''] || {}
  const text = (one) => JSON.stringify(Object.entries(one || {}).sort())
  const differs = groups.filter((group) => text(own[group]) !== text(root[group]))
  if (differs.length > 0) {
    if (ask.ci) fail('package.json and package-lock.json in ' + place + ' do not agree in ' + differs.join(', ') + ', and npm ci takes no other')
    due.push({ name: 'package-lock.json', from: 'other ' + differs.join(', '), to: 'as in package.json' })
  }
  const is = (read(modules, '.package-lock.json') || {}).packages || {}
  const wanted = new Set()
  for (const [key, one] of Object.entries(lock.packages)) {
    if (key === '' || !key.includes('node_modules/') || one.extraneous) continue
    if (ask.production && (one.dev || one.devOptional)) continue
    const version = there(path.join(place, key))
    if (one.optional && (version === '' || ask.noOptional)) { if (!ask.noOptional) wanted.add(key); continue }
    wanted.add(key)
    const name = key.slice(key.lastIndexOf('node_modules/') + 13)
    const isOther = !one.link && ((one.version && version !== one.version) || (one.integrity && is[key] && is[key].integrity && is[key].integrity !== one.integrity))
    if (version === '' || isOther) due.push({ name, from: version, to: one.version || '' })
  }
  // npm ci begins anew; npm install leaves what nobody asked for only where it does not know it.
  for (const key of Object.keys(is)) {
    if (!key.includes('node_modules/') || wanted.has(key) || !there(path.join(place, key))) continue
    due.push({ name: key.slice(key.lastIndexOf('node_modules/') + 13), from: is[key].version || '?', to: 'absent' })
  }
} else {
  for (const group of groups) {
    if (group === 'devDependencies' && ask.production) continue
    for (const [name, spec] of Object.entries(own[group] || {})) {
      const version = there(path.join(modules, name))
      if (group === 'optionalDependencies' && version === '') continue
      if (version === '' || !fits(version, String(spec))) due.push({ name, from: version, to: String(spec) })
    }
  }
}
done({ is: 'known', place, version: '', due })
`;
