import { describe, expect, it } from 'vitest';
import { PythonValue, jsonOf, pythonFloat } from '../../src/values/index.ts';

describe('a float is printed as Python prints it', () => {
  it.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [-12, '-12.0'],
    [0.1, '0.1'],
    [0.0001, '0.0001'],
    [0.00012345, '0.00012345'],
    [0.00001, '1e-05'],
    [1e15, '1000000000000000.0'],
    [123456789012345680, '1.2345678901234568e+17'],
    [1e16, '1e+16'],
    [1e22, '1e+22'],
    [1.5e300, '1.5e+300'],
    [5e-324, '5e-324'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
    [NaN, 'nan'],
  ])('%s', (value, text) => {
    expect(pythonFloat(value)).toBe(text);
    expect(String(PythonValue.float(value))).toBe(text);
  });
});

describe('a value of Python', () => {
  it('is only what JavaScript would print otherwise', () => {
    expect(PythonValue.float(0.5)).toBe(0.5);
    expect(PythonValue.int(80n)).toBe(80);
    expect(PythonValue.float(80)).toBeInstanceOf(PythonValue);
    expect(PythonValue.int(123456789012345678n)).toBeInstanceOf(PythonValue);
  });

  it('is a number where one is reckoned with, and its text where it is printed', () => {
    const ratio = PythonValue.float(2) as PythonValue;
    expect(Number(ratio) * 2).toBe(4);
    expect(String(ratio)).toBe('2.0');
    expect(String(PythonValue.datetime('2024-05-01T12:00:00+00:00'))).toBe('2024-05-01 12:00:00+00:00');
  });

  it('goes into JSON as Ansible writes it', () => {
    const data = {
      ratio: PythonValue.float(1),
      id: PythonValue.int(123456789012345678n),
      most: PythonValue.float(Infinity),
      day: [PythonValue.date('2024-05-01')],
      plain: 'x 0',
    };
    expect(jsonOf(data)).toBe(
      '{"ratio":1.0,"id":123456789012345678,"most":Infinity,"day":["2024-05-01"],"plain":"x 0"}',
    );
    expect(jsonOf({ a: [PythonValue.float(1)] }, 2)).toBe('{\n  "a": [\n    1.0\n  ]\n}');
    expect(jsonOf(undefined)).toBeUndefined();
  });
});
