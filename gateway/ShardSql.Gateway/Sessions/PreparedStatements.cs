using System.Collections.Generic;
using System.Globalization;

using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Gateway.Sessions;

/// <summary>The statement trees that a session has numbered; bounded in number and bytes.</summary>
internal sealed class PreparedStatements
{
    private readonly Dictionary<uint, (Statement Tree, int Bytes)> _byNumber = [];
    private long _bytes;

    /// <summary>Keeps a tree under its number; a number given again replaces the earlier tree.</summary>
    public void Keep(uint number, Statement tree)
    {
        int bytes = tree.CalculateSize();
        int replaced = _byNumber.TryGetValue(number, out (Statement Tree, int Bytes) earlier) ? earlier.Bytes : 0;
        int count = _byNumber.Count + (replaced == 0 ? 1 : 0);
        if (count > GrpcLimits.MaxPrepared)
        {
            throw new SqlException(SqlStates.ProgramLimitExceeded, string.Create(
                CultureInfo.InvariantCulture,
                $"too many prepared statements in this session: limit {GrpcLimits.MaxPrepared}, actual {count}"));
        }

        if (_bytes - replaced + bytes > GrpcLimits.MaxPreparedBytes)
        {
            throw new SqlException(SqlStates.ProgramLimitExceeded, string.Create(
                CultureInfo.InvariantCulture,
                $"prepared statements of this session exceed the limit of {GrpcLimits.MaxPreparedBytes} bytes: {_bytes - replaced + bytes} bytes"));
        }

        _bytes += bytes - replaced;
        _byNumber[number] = (tree, bytes);
    }

    /// <summary>The tree of a number.</summary>
    public Statement Get(uint number) => _byNumber.TryGetValue(number, out (Statement Tree, int Bytes) kept)
        ? kept.Tree
        : throw new SqlException(
            SqlStates.ProtocolViolation,
            string.Create(CultureInfo.InvariantCulture, $"prepared statement {number} is not known in this session"));
}
