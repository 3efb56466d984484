using System.Collections.Generic;
using System.Globalization;

using ShardSql.Gateway.Commit;
using ShardSql.Sql;

namespace ShardSql.Gateway.Sessions;

/// <summary>The savepoints of an open transaction, the newest last. As in PostgreSQL a name may be used again: the newest
/// one is meant.</summary>
internal sealed class Savepoints
{
    private readonly List<(string Name, TransactionMark Mark)> _stack = [];

    /// <summary>How many there are.</summary>
    public int Count => _stack.Count;

    /// <summary>Sets one.</summary>
    /// <exception cref="SqlException">54000: too many.</exception>
    public void Set(string name, TransactionMark mark)
    {
        if (_stack.Count == GatewayLimits.MaxSavepoints)
        {
            throw new SqlException(SqlStates.ProgramLimitExceeded, string.Create(
                CultureInfo.InvariantCulture,
                $"the transaction has {_stack.Count} savepoints, the limit is {GatewayLimits.MaxSavepoints}"))
            {
                Hint = "RELEASE those that are not needed any more.",
            };
        }

        _stack.Add((name, mark));
    }

    /// <summary>Goes back to one, which stays; later ones are gone.</summary>
    /// <exception cref="SqlException">3B001: there is none of the name.</exception>
    public TransactionMark BackTo(string name)
    {
        int index = IndexOf(name);
        _stack.RemoveRange(index + 1, _stack.Count - index - 1);
        return _stack[index].Mark;
    }

    /// <summary>Forgets one, and later ones.</summary>
    /// <exception cref="SqlException">3B001: there is none of the name.</exception>
    public void Release(string name)
    {
        int index = IndexOf(name);
        _stack.RemoveRange(index, _stack.Count - index);
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => _stack.Clear();

    private int IndexOf(string name)
    {
        int index = _stack.FindLastIndex(savepoint => savepoint.Name == name);
        return index >= 0
            ? index
            : throw new SqlException(SqlStates.InvalidSavepoint, $"savepoint \"{name}\" does not exist");
    }
}
