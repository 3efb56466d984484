using System;
using System.Globalization;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
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

    /// <inheritdoc />
    public override long NextNumber(string sequence, int position)
    {
        SequenceDescriptor named = SequenceNames.Require(_context.Catalog, sequence, position);
        return Numbers(position).Next(named);
    }

    /// <inheritdoc />
    public override long CurrentNumber(string sequence, int position)
    {
        SequenceDescriptor named = SequenceNames.Require(_context.Catalog, sequence, position);
        return Numbers(position).Current(named) ?? throw new SqlException(
            SqlStates.ObjectNotInPrerequisiteState,
            $"currval of sequence \"{named.Name}\" is not yet defined in this session",
            position);
    }

    /// <inheritdoc />
    public override long LastNumber() => _context.Numbers?.Last ?? throw new SqlException(
        SqlStates.ObjectNotInPrerequisiteState, "lastval is not yet defined in this session");

    /// <inheritdoc />
    public override long SetNumber(string sequence, long value, bool isCalled, int position)
    {
        SequenceDescriptor named = SequenceNames.Require(_context.Catalog, sequence, position);
        if (value < named.Minimum || value > named.Maximum)
        {
            throw new SqlException(
                SqlStates.NumericOutOfRange,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"setval: value {value} is out of bounds for sequence \"{named.Name}\" ({named.Minimum}..{named.Maximum})"),
                position);
        }

        Numbers(position).Set(named, value, isCalled);
        return value;
    }

    private ISequenceNumbers Numbers(int position) => _context.Numbers ?? throw new SqlException(
        SqlStates.FeatureNotSupported, "numbers of sequences are not to be had here", position);
}
