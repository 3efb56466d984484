using System;
using ShardSql.Sql.Expressions;

namespace ShardSql.Planning;

/// <summary>Time and ids of the planning context, as expressions ask for them.</summary>
internal sealed class PlanningEvaluation : EvaluationContext
{
    private readonly PlanningContext _context;

    public PlanningEvaluation(PlanningContext context) => _context = context;

    /// <inheritdoc />
    public override long NowMicroseconds => _context.NowMicroseconds;

    /// <inheritdoc />
    public override Guid NextUuid()
    {
        byte[] id = _context.NextId();
        // RFC 9562: version 4, variant 10.
        id[6] = (byte)((id[6] & 0x0F) | 0x40);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }
}
