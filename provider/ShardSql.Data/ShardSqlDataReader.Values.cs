using System;
using System.Collections.Generic;
using System.Data;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Types;
using ShardSql.Sql.Values;

namespace ShardSql.Data;

/// <content>The values of the current row.</content>
public sealed partial class ShardSqlDataReader
{
    /// <inheritdoc />
    public override object this[int ordinal] => GetValue(ordinal);

    /// <inheritdoc />
    public override object this[string name] => GetValue(GetOrdinal(name));

    /// <inheritdoc />
    public override bool GetBoolean(int ordinal) => Column(ordinal).ToBoolean();

    /// <inheritdoc />
    public override byte GetByte(int ordinal) => Column(ordinal).ToByte();

    /// <inheritdoc />
    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) =>
        ColumnReader.Copy<byte>(Column(ordinal).ToBytes(), dataOffset, buffer, bufferOffset, length);

    /// <inheritdoc />
    public override char GetChar(int ordinal) => Column(ordinal).ToChar();

    /// <inheritdoc />
    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) =>
        ColumnReader.Copy<char>(Column(ordinal).ToText(), dataOffset, buffer, bufferOffset, length);

    /// <inheritdoc />
    public override DateTime GetDateTime(int ordinal) => Column(ordinal).ToDateTime();

    /// <summary>A timestamptz, in UTC.</summary>
    public DateTimeOffset GetDateTimeOffset(int ordinal) => Column(ordinal).ToDateTimeOffset();

    /// <summary>A time as a TimeSpan since midnight.</summary>
    public TimeSpan GetTimeSpan(int ordinal) => Column(ordinal).ToTimeSpan();

    /// <inheritdoc />
    public override decimal GetDecimal(int ordinal) => Column(ordinal).ToDecimal();

    /// <inheritdoc />
    public override double GetDouble(int ordinal) => Column(ordinal).ToDouble();

    /// <inheritdoc />
    public override float GetFloat(int ordinal) => Column(ordinal).ToSingle();

    /// <inheritdoc />
    public override Guid GetGuid(int ordinal) => Column(ordinal).ToGuid();

    /// <inheritdoc />
    public override short GetInt16(int ordinal) => Column(ordinal).ToInt16();

    /// <inheritdoc />
    public override int GetInt32(int ordinal) => Column(ordinal).ToInt32();

    /// <inheritdoc />
    public override long GetInt64(int ordinal) => Column(ordinal).ToInt64();

    /// <inheritdoc />
    public override string GetString(int ordinal) => Column(ordinal).ToText();

    /// <inheritdoc />
    public override Stream GetStream(int ordinal) => Column(ordinal).ToStream();

    /// <inheritdoc />
    public override TextReader GetTextReader(int ordinal) => Column(ordinal).ToTextReader();

    /// <inheritdoc />
    public override object GetValue(int ordinal) => Column(ordinal).ToObject();

    /// <inheritdoc />
    public override int GetValues(object[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        RequireRow();
        int count = Math.Min(values.Length, _columns.Length);
        for (int i = 0; i < count; i++)
        {
            values[i] = GetValue(i);
        }

        return count;
    }

    /// <inheritdoc />
    public override bool IsDBNull(int ordinal)
    {
        RequireRow();
        _ = ColumnAt(ordinal);
        return _rows.Current[ordinal].IsNull;
    }

    /// <inheritdoc />
    public override Task<bool> IsDBNullAsync(int ordinal, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<bool>(cancellationToken)
            : Task.FromResult(IsDBNull(ordinal));

    /// <summary>
    /// The value as T: what the typed getters give, and DateOnly, TimeOnly, TimeSpan, DateTimeOffset, Decimal38,
    /// Stream, TextReader, enumerations and nullable types.
    /// </summary>
    public override T GetFieldValue<T>(int ordinal)
    {
        ColumnReader column = Column(ordinal);
        return FieldConverter.To<T>(column, _rows.Current[ordinal].IsNull);
    }

    /// <inheritdoc />
    public override Task<T> GetFieldValueAsync<T>(int ordinal, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<T>(cancellationToken)
            : Task.FromResult(GetFieldValue<T>(ordinal));

    /// <inheritdoc />
    public override string GetDataTypeName(int ordinal) => ColumnAt(ordinal).Type.ToString();

    /// <inheritdoc />
    [return: DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.PublicProperties)]
    public override Type GetFieldType(int ordinal) => ColumnTypes.ToClr(ColumnAt(ordinal).Type.Kind);

    /// <inheritdoc />
    public override string GetName(int ordinal) => ColumnAt(ordinal).Name;

    /// <summary>The first column of a name; one in the same case goes before one in another.</summary>
    /// <exception cref="IndexOutOfRangeException">No column has the name.</exception>
    public override int GetOrdinal(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        RequireOpen();
        _ordinals ??= IndexColumns(_columns);
        return _ordinals.TryGetValue(name, out int ordinal)
            ? ordinal
            : FindIgnoringCase(name);
    }

    private static Dictionary<string, int> IndexColumns(ResultColumn[] columns)
    {
        var ordinals = new Dictionary<string, int>(columns.Length, StringComparer.Ordinal);
        foreach (ResultColumn column in columns)
        {
            ordinals.TryAdd(column.Name, column.Ordinal);
        }

        return ordinals;
    }

    private int FindIgnoringCase(string name)
    {
        foreach (ResultColumn column in _columns)
        {
            if (column.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return column.Ordinal;
            }
        }

        throw new IndexOutOfRangeException($"There is no column named '{name}'.");
    }

    private ColumnReader Column(int ordinal)
    {
        RequireRow();
        ResultColumn column = ColumnAt(ordinal);
        return new ColumnReader(column.Name, column.Type, _rows.Current[ordinal]);
    }

    private ResultColumn ColumnAt(int ordinal)
    {
        RequireOpen();
        return (uint)ordinal < (uint)_columns.Length
            ? _columns[ordinal]
            : throw new IndexOutOfRangeException(string.Create(
                CultureInfo.InvariantCulture, $"There is no column {ordinal}; the result has {_columns.Length}."));
    }

    private void RequireRow()
    {
        RequireOpen();
        if (_state != ReaderState.OnRow)
        {
            throw new InvalidOperationException(
                "The reader is not on a row: call Read first, and look at what it returns.");
        }
    }
}
