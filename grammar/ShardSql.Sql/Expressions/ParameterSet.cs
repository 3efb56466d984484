using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>
/// The parameters of a request in order: a bound expression names them by their place here, and evaluation takes their
/// values in this order. Names ignore case and stand without the @.
/// </summary>
[SuppressMessage("Naming", "CA1710", Justification = "It is a set of parameters; the dictionary is how it is read.")]
public sealed class ParameterSet : IReadOnlyDictionary<string, SqlType>
{
    private readonly List<KeyValuePair<string, SqlType>> _ordered = [];
    private readonly Dictionary<string, int> _ordinals = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>No parameters.</summary>
    public ParameterSet()
    {
    }

    /// <summary>Parameters in order.</summary>
    public ParameterSet(IEnumerable<KeyValuePair<string, SqlType>> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach ((string name, SqlType type) in parameters)
        {
            Add(name, type);
        }
    }

    /// <inheritdoc />
    public int Count => _ordered.Count;

    /// <inheritdoc />
    public IEnumerable<string> Keys => _ordered.Select(p => p.Key);

    /// <inheritdoc />
    public IEnumerable<SqlType> Values => _ordered.Select(p => p.Value);

    /// <inheritdoc />
    public SqlType this[string key] => _ordered[_ordinals[key]].Value;

    /// <summary>Adds a parameter and gives its place; a name that is there keeps its place and type.</summary>
    public int Add(string name, SqlType type)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_ordinals.TryGetValue(name, out int ordinal))
        {
            return ordinal;
        }

        _ordinals.Add(name, _ordered.Count);
        _ordered.Add(new KeyValuePair<string, SqlType>(name, type));
        return _ordered.Count - 1;
    }

    /// <summary>The place of a parameter, −1 when there is none.</summary>
    public int OrdinalOf(string name) => _ordinals.GetValueOrDefault(name, -1);

    /// <summary>The type of the parameter at a place.</summary>
    public SqlType TypeAt(int ordinal) => _ordered[ordinal].Value;

    /// <inheritdoc />
    public bool ContainsKey(string key) => _ordinals.ContainsKey(key);

    /// <inheritdoc />
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out SqlType value)
    {
        int ordinal = OrdinalOf(key);
        value = ordinal < 0 ? SqlType.Null : TypeAt(ordinal);
        return ordinal >= 0;
    }

    /// <inheritdoc />
    public IEnumerator<KeyValuePair<string, SqlType>> GetEnumerator() => _ordered.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The set itself, or one made from another dictionary with its names in ordinal order.</summary>
    internal static ParameterSet From(IReadOnlyDictionary<string, SqlType>? parameters) => parameters switch
    {
        null => new ParameterSet(),
        ParameterSet set => set,
        _ => new ParameterSet(parameters.OrderBy(p => p.Key, StringComparer.Ordinal)),
    };
}
