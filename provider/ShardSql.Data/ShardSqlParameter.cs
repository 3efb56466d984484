using System;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using ShardSql.Data.Types;

namespace ShardSql.Data;

/// <summary>An input parameter. Values travel typed, beside the statement, never as part of its text.</summary>
public sealed class ShardSqlParameter : DbParameter
{
    private DbType? _dbType;
    private string _name = "";
    private string _sourceColumn = "";

    /// <summary>A parameter without a name or value.</summary>
    public ShardSqlParameter()
    {
    }

    /// <summary>A parameter whose type follows from its value.</summary>
    public ShardSqlParameter(string? parameterName, object? value)
    {
        ParameterName = parameterName;
        Value = value;
    }

    /// <summary>A parameter of a type, without a value yet.</summary>
    public ShardSqlParameter(string? parameterName, DbType dbType)
    {
        ParameterName = parameterName;
        DbType = dbType;
    }

    /// <summary>The type that the value is sent as. Unless it is set, it follows from the value.</summary>
    public override DbType DbType
    {
        get => _dbType ?? DbTypes.OfValue(Value);
        set => _dbType = value;
    }

    /// <summary>Only <see cref="ParameterDirection.Input"/> exists.</summary>
    /// <exception cref="NotSupportedException">Another direction was set.</exception>
    public override ParameterDirection Direction
    {
        get => ParameterDirection.Input;
        set
        {
            if (value != ParameterDirection.Input)
            {
                throw new NotSupportedException(
                    $"ParameterDirection.{value} is not supported; use RETURNING, or SELECT the value.");
            }
        }
    }

    /// <inheritdoc />
    public override bool IsNullable { get; set; } = true;

    /// <summary>The name, with or without the <c>@</c>. Names compare without regard to case.</summary>
    [AllowNull]
    public override string ParameterName
    {
        get => _name;
        set => _name = value ?? "";
    }

    /// <inheritdoc />
    public override int Size { get; set; }

    /// <inheritdoc />
    public override byte Precision { get; set; }

    /// <inheritdoc />
    public override byte Scale { get; set; }

    /// <inheritdoc />
    [AllowNull]
    public override string SourceColumn
    {
        get => _sourceColumn;
        set => _sourceColumn = value ?? "";
    }

    /// <inheritdoc />
    public override bool SourceColumnNullMapping { get; set; }

    /// <inheritdoc />
    public override DataRowVersion SourceVersion { get; set; } = DataRowVersion.Current;

    /// <summary>The value; <see cref="DBNull.Value"/> is NULL, null means that no value was set.</summary>
    public override object? Value { get; set; }

    /// <summary>The name without the <c>@</c>.</summary>
    internal string BareName => Bare(_name);

    /// <summary>The type that was set, if one was.</summary>
    internal DbType? ExplicitDbType => _dbType;

    /// <inheritdoc />
    public override void ResetDbType() => _dbType = null;

    /// <summary>The name.</summary>
    public override string ToString() => _name;

    /// <summary>A name without the prefix.</summary>
    internal static string Bare(string name) => name.Length > 0 && name[0] is '@' or ':' or '$' ? name[1..] : name;
}
