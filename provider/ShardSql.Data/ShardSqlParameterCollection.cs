using System.Collections.Generic;
using System.Collections;
using System.Data.Common;
using System.Data;
using System.Globalization;
using System;

namespace ShardSql.Data;

/// <summary>
/// The parameters of a command, by position or by name; the <c>@</c> and the case of names do not matter.
/// </summary>
public sealed class ShardSqlParameterCollection : DbParameterCollection, IEnumerable<ShardSqlParameter>
{
    private readonly List<ShardSqlParameter> _parameters = [];

    internal ShardSqlParameterCollection()
    {
    }

    /// <inheritdoc />
    public override int Count => _parameters.Count;

    /// <inheritdoc />
    public override object SyncRoot => ((ICollection)_parameters).SyncRoot;

    /// <summary>The parameter at a position.</summary>
    public new ShardSqlParameter this[int index]
    {
        get => _parameters[Existing(index)];
        set => _parameters[Existing(index)] = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>The parameter of a name.</summary>
    public new ShardSqlParameter this[string parameterName]
    {
        get => _parameters[IndexOfRequired(parameterName)];
        set => _parameters[IndexOfRequired(parameterName)] = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>Adds a parameter.</summary>
    public ShardSqlParameter Add(ShardSqlParameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        _parameters.Add(parameter);
        return parameter;
    }

    /// <summary>Adds a parameter of a type.</summary>
    public ShardSqlParameter Add(string parameterName, DbType dbType) =>
        Add(new ShardSqlParameter(parameterName, dbType));

    /// <summary>Adds a parameter whose type follows from its value.</summary>
    public ShardSqlParameter AddWithValue(string parameterName, object? value) =>
        Add(new ShardSqlParameter(parameterName, value));

    /// <inheritdoc />
    public override int Add(object value)
    {
        _parameters.Add(Cast(value));
        return _parameters.Count - 1;
    }

    /// <inheritdoc />
    public override void AddRange(Array values)
    {
        ArgumentNullException.ThrowIfNull(values);
        foreach (object? value in values)
        {
            Add(value!);
        }
    }

    /// <inheritdoc />
    public override void Clear() => _parameters.Clear();

    /// <inheritdoc />
    public override bool Contains(object value) =>
        value is ShardSqlParameter parameter && _parameters.Contains(parameter);

    /// <inheritdoc />
    public override bool Contains(string value) => IndexOf(value) >= 0;

    /// <inheritdoc />
    public override void CopyTo(Array array, int index) => ((ICollection)_parameters).CopyTo(array, index);

    /// <inheritdoc />
    public override IEnumerator GetEnumerator() => _parameters.GetEnumerator();

    /// <inheritdoc />
    IEnumerator<ShardSqlParameter> IEnumerable<ShardSqlParameter>.GetEnumerator() => _parameters.GetEnumerator();

    /// <inheritdoc />
    public override int IndexOf(object value) =>
        value is ShardSqlParameter parameter ? _parameters.IndexOf(parameter) : -1;

    /// <inheritdoc />
    public override int IndexOf(string parameterName)
    {
        string name = ShardSqlParameter.Bare(parameterName ?? "");
        for (int i = 0; i < _parameters.Count; i++)
        {
            if (_parameters[i].BareName.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    /// <inheritdoc />
    public override void Insert(int index, object value) => _parameters.Insert(index, Cast(value));

    /// <inheritdoc />
    public override void Remove(object value)
    {
        if (!_parameters.Remove(Cast(value)))
        {
            throw new ArgumentException("The parameter is not in this collection.", nameof(value));
        }
    }

    /// <inheritdoc />
    public override void RemoveAt(int index) => _parameters.RemoveAt(Existing(index));

    /// <inheritdoc />
    public override void RemoveAt(string parameterName) => _parameters.RemoveAt(IndexOfRequired(parameterName));

    /// <inheritdoc />
    protected override DbParameter GetParameter(int index) => _parameters[Existing(index)];

    /// <inheritdoc />
    protected override DbParameter GetParameter(string parameterName) => this[parameterName];

    /// <inheritdoc />
    protected override void SetParameter(int index, DbParameter value) => _parameters[Existing(index)] = Cast(value);

    /// <inheritdoc />
    protected override void SetParameter(string parameterName, DbParameter value) =>
        _parameters[IndexOfRequired(parameterName)] = Cast(value);

    private static ShardSqlParameter Cast(object? value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value as ShardSqlParameter
            ?? throw new InvalidCastException($"A ShardSqlParameter is needed, not a {value.GetType()}.");
    }

    private int Existing(int index) => (uint)index < (uint)_parameters.Count
        ? index
        : throw new IndexOutOfRangeException(string.Create(
            CultureInfo.InvariantCulture, $"There is no parameter {index}; there are {_parameters.Count}."));

    private int IndexOfRequired(string parameterName)
    {
        int index = IndexOf(parameterName);
        return index >= 0
            ? index
            : throw new IndexOutOfRangeException($"There is no parameter named '{parameterName}'.");
    }
}
