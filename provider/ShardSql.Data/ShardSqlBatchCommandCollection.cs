using System;
using System.Collections.Generic;
using System.Data.Common;

namespace ShardSql.Data;

/// <summary>The commands of a batch, in the order in which they run.</summary>
public sealed class ShardSqlBatchCommandCollection : DbBatchCommandCollection
{
    private readonly List<ShardSqlBatchCommand> _commands = [];

    internal ShardSqlBatchCommandCollection()
    {
    }

    /// <inheritdoc />
    public override int Count => _commands.Count;

    /// <inheritdoc />
    public override bool IsReadOnly => false;

    /// <summary>The command at a position.</summary>
    public new ShardSqlBatchCommand this[int index]
    {
        get => _commands[index];
        set => _commands[index] = value ?? throw new ArgumentNullException(nameof(value));
    }

    internal IReadOnlyList<ShardSqlBatchCommand> List => _commands;

    /// <inheritdoc />
    public override void Add(DbBatchCommand item) => _commands.Add(Cast(item));

    /// <inheritdoc />
    public override void Clear() => _commands.Clear();

    /// <inheritdoc />
    public override bool Contains(DbBatchCommand item) => _commands.Contains(Cast(item));

    /// <inheritdoc />
    public override void CopyTo(DbBatchCommand[] array, int arrayIndex)
    {
        ArgumentNullException.ThrowIfNull(array);
        foreach (ShardSqlBatchCommand command in _commands)
        {
            array[arrayIndex++] = command;
        }
    }

    /// <inheritdoc />
    public override IEnumerator<DbBatchCommand> GetEnumerator() => _commands.GetEnumerator();

    /// <inheritdoc />
    public override int IndexOf(DbBatchCommand item) => _commands.IndexOf(Cast(item));

    /// <inheritdoc />
    public override void Insert(int index, DbBatchCommand item) => _commands.Insert(index, Cast(item));

    /// <inheritdoc />
    public override bool Remove(DbBatchCommand item) => _commands.Remove(Cast(item));

    /// <inheritdoc />
    public override void RemoveAt(int index) => _commands.RemoveAt(index);

    /// <inheritdoc />
    protected override DbBatchCommand GetBatchCommand(int index) => _commands[index];

    /// <inheritdoc />
    protected override void SetBatchCommand(int index, DbBatchCommand batchCommand) =>
        _commands[index] = Cast(batchCommand);

    private static ShardSqlBatchCommand Cast(DbBatchCommand? command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return command as ShardSqlBatchCommand
            ?? throw new InvalidCastException($"A ShardSqlBatchCommand is needed, not a {command.GetType()}.");
    }
}
