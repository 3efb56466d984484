using System;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace ShardSql.Data;

/// <summary>One command of a batch.</summary>
public sealed class ShardSqlBatchCommand : DbBatchCommand
{
    private string _commandText = "";
    private long _recordsAffected = -1;

    /// <summary>A command without a text.</summary>
    public ShardSqlBatchCommand()
    {
    }

    /// <summary>A command of a text.</summary>
    public ShardSqlBatchCommand(string? commandText) => _commandText = commandText ?? "";

    /// <inheritdoc />
    [AllowNull]
    public override string CommandText
    {
        get => _commandText;
        set => _commandText = value ?? "";
    }

    /// <summary>Only <see cref="CommandType.Text"/> exists.</summary>
    public override CommandType CommandType
    {
        get => CommandType.Text;
        set
        {
            if (value != CommandType.Text)
            {
                throw new NotSupportedException($"CommandType.{value} is not supported; write the statement as text.");
            }
        }
    }

    /// <summary>Rows that it wrote; −1 before it ran, and when it does not write.</summary>
    public override int RecordsAffected => (int)Math.Min(_recordsAffected, int.MaxValue);

    /// <summary>Its parameters; other commands of the batch may use the same names for other values.</summary>
    public new ShardSqlParameterCollection Parameters { get; } = new();

    /// <inheritdoc />
    public override bool CanCreateParameter => true;

    /// <inheritdoc />
    protected override DbParameterCollection DbParameterCollection => Parameters;

    /// <inheritdoc />
    public override ShardSqlParameter CreateParameter() => new();

    internal void ResetRecordsAffected() => _recordsAffected = -1;

    internal void AddRecordsAffected(long rows) => _recordsAffected = Math.Max(_recordsAffected, 0) + rows;
}
