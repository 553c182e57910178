import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countMembers, editMembers } from '../../src/core/json-members.ts'
import { jsonValue, textOf, writtenObject } from './json-text.ts'

describe('editMembers', () => {
  test.each([
    ['sets a value', '{"model":"a"}', { set: { model: 'b' } }, '{"model":"b"}'],
    [
      'leaves white space, order and numbers',
      '{ "seed" : 9007199254740993 ,\n\t"model" :  "a" , "t": 1.10 }\n',
      { set: { model: 'b' } },
      '{ "seed" : 9007199254740993 ,\n\t"model" :  "b" , "t": 1.10 }\n',
    ],
    ['adds what is missing', '{"a":1}', { set: { b: [2] } }, '{"a":1,"b":[2]}'],
    ['adds behind the last member', '{ "a": 1 }', { set: { b: 2 } }, '{ "a": 1,"b":2 }'],
    ['adds to an empty object', '{}', { set: { b: 2 } }, '{"b":2}'],
    ['adds to an empty object with white space', ' { \n } ', { set: { b: 2 } }, ' {"b":2 \n } '],
    ['removes the first', '{ "a":1, "b":2, "c":3 }', { remove: ['a'] }, '{ "b":2, "c":3 }'],
    ['removes the middle', '{ "a":1, "b":2, "c":3 }', { remove: ['b'] }, '{ "a":1, "c":3 }'],
    ['removes the last', '{ "a":1, "b":2, "c":3 }', { remove: ['c'] }, '{ "a":1, "b":2 }'],
    ['removes the first two', '{"a":1,"b":2,"c":3}', { remove: ['a', 'b'] }, '{"c":3}'],
    ['removes all', '{ "a":1, "b":2 }', { remove: ['a', 'b'] }, '{  }'],
    ['removes the only one and adds', '{ "a":1 }', { remove: ['a'], set: { b: 2 } }, '{ "b":2 }'],
    ['removes and sets', '{"a":1,"b":2}', { remove: ['a'], set: { b: 3 } }, '{"b":3}'],
    ['does nothing for a missing name', '{"a":1}', { remove: ['b'] }, '{"a":1}'],
    ['sets both of two', '{"m":1,"x":0,"m":2}', { set: { m: 3 } }, '{"m":3,"x":0,"m":3}'],
    ['removes both of two', '{"m":1,"x":0,"m":2}', { remove: ['m'] }, '{"x":0}'],
    [
      'reads escapes in a name',
      String.raw`{"\u006d\u006fdel":"a"}`,
      { set: { model: 'b' } },
      String.raw`{"\u006d\u006fdel":"b"}`,
    ],
    [
      'is not misled by quotes in a name',
      String.raw`{"\\\"model":"a","x\\":1}`,
      { set: { model: 'b' } },
      String.raw`{"\\\"model":"a","x\\":1,"model":"b"}`,
    ],
    [
      'is not misled by what looks like a member in a string',
      String.raw`{"text":"}],\"model\":\"x\" \\","model":"a"}`,
      { set: { model: 'b' } },
      String.raw`{"text":"}],\"model\":\"x\" \\","model":"b"}`,
    ],
    [
      'leaves nested members of the name',
      '{"tools":[{"model":"a","in":{"model":1}}],"model":"a"}',
      { set: { model: 'b' } },
      '{"tools":[{"model":"a","in":{"model":1}}],"model":"b"}',
    ],
    ['replaces an object', '{"m":{"a":[1,{"b":2}]},"x":1}', { set: { m: 0 } }, '{"m":0,"x":1}'],
    ['replaces the last scalar', '{"x":1,"m":-1e5}', { set: { m: null } }, '{"x":1,"m":null}'],
    ['writes a value as JSON', '{"m":1}', { set: { m: 'a"\n\u2028' } }, '{"m":"a\\"\\n\u2028"}'],
    [
      'gives a member another name, and leaves its value',
      '{ "a" : 9007199254740993 , "x":0}',
      { rename: { a: 'b' } },
      '{ "b":9007199254740993 , "x":0}',
    ],
    [
      'leaves a member out whose new name is taken',
      '{"a":1,"b":2,"c":3}',
      { rename: { a: 'b', c: 'b' } },
      '{"b":2}',
    ],
    ['leaves out the second', '{"a":1,"c":3}', { rename: { a: 'b', c: 'b' } }, '{"b":1}'],
    [
      'takes a name for free that is removed',
      '{"a":1,"b":2}',
      { remove: ['b'], rename: { a: 'b' } },
      '{"b":1}',
    ],
    [
      'renames what it sets, and what it adds',
      '{"a":1}',
      { set: { a: 2, c: 3 }, rename: { a: 'b', c: 'd' } },
      '{"b":2,"d":3}',
    ],
    ['renames nothing that is not there', '{"a":1}', { rename: { toString: 'b' } }, '{"a":1}'],
    ['knows no prototype', '{"a":1}', { set: { toString: 'b' } }, '{"a":1,"toString":"b"}'],
  ])('%s', (_, text, edits, expected) => {
    expect(editMembers(text, edits)).toBe(expected)
  })

  test('gives the text itself where there is nothing to do', () => {
    fc.assert(
      fc.property(writtenObject, (object) => {
        const text = textOf(object)
        expect(editMembers(text, {})).toBe(text)
        expect(editMembers(text, { remove: ['no such member'] })).toBe(text)
      }),
    )
  })

  const edits = fc.record({
    set: fc.dictionary(fc.constantFrom('model', 'stream', 'x', '}', ''), jsonValue),
    remove: fc.array(fc.constantFrom<string>('messages', 'Model', '{', 'y'), { maxLength: 3 }),
  })

  test('means what editing the parsed object means', () => {
    fc.assert(
      fc.property(writtenObject, edits, (object, { set, remove }) => {
        const edited: unknown = JSON.parse(editMembers(textOf(object), { set, remove }))
        const expected = Object.entries(JSON.parse(textOf(object)))
          .filter(([name]) => !remove.includes(name))
          .concat(Object.entries(JSON.parse(JSON.stringify(set))))
        expect(edited).toEqual(Object.fromEntries(expected))
      }),
      { numRuns: 1000 },
    )
  })

  test('changes no byte but those of the members named', () => {
    fc.assert(
      fc.property(writtenObject, jsonValue, (object, value) => {
        const members = object.members.map((member) =>
          member.name === 'model' ? { ...member, value: JSON.stringify(value) } : member,
        )
        const isThere = members.some(({ name }) => name === 'model')
        fc.pre(isThere)
        expect(editMembers(textOf(object), { set: { model: value } })).toBe(
          textOf({ ...object, members }),
        )
      }),
      { numRuns: 1000 },
    )
  })

  test('keeps every byte of the members that stay', () => {
    fc.assert(
      fc.property(
        writtenObject,
        fc.array(fc.nat({ max: 5 }), { maxLength: 3 }),
        (object, picked) => {
          const remove = picked.flatMap((index) => object.members[index]?.name ?? [])
          const edited = editMembers(textOf(object), { remove })
          let at = 0
          for (const { name, literal, colon, value } of object.members) {
            if (remove.includes(name)) continue
            const found = edited.indexOf(literal + colon + value, at)
            expect(found).toBeGreaterThanOrEqual(at)
            at = found + 1
          }
          expect(edited.startsWith(`${object.lead}{`)).toBe(true)
          expect(edited.endsWith(`}${object.tail}`)).toBe(true)
        },
      ),
    )
  })
})

describe('countMembers', () => {
  test.each([
    ['{}', 0],
    ['{"a":1}', 0],
    ['{"model" : "x" }', 1],
    ['{"model":"x","a":{"model":"y"},"model":[1, 2]}', 2],
    [String.raw`{"mode\u006c":1.50,"model":"\""}`, 2],
    ['{"a":"model","model":null}', 1],
    ['{"Model":"x","model":"y"}', 2],
  ])('counts in %s %i', (text, expected) => {
    expect(countMembers(text, 'model')).toBe(expected)
  })

  test('counts each one that was written', () => {
    fc.assert(
      fc.property(writtenObject, (object) => {
        const expected = object.members.filter(({ name }) => name.toLowerCase() === 'model')
        expect(countMembers(textOf(object), 'model')).toBe(expected.length)
      }),
      { numRuns: 500 },
    )
  })
})
