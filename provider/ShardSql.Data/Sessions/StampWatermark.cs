using System.Threading;
using ShardSql.Primitives;
using ShardSql.Protocol.Messages;

namespace ShardSql.Data.Sessions;

/// <summary>The highest stamp that any session of a data source has seen: no later request reads below it,
/// through whichever gateway it goes.</summary>
internal sealed class StampWatermark
{
    private readonly Lock _lock = new();
    private HlcTimestamp _highest;

    /// <summary>The highest so far.</summary>
    public HlcTimestamp Highest
    {
        get
        {
            lock (_lock)
            {
                return _highest;
            }
        }
    }

    /// <summary>Takes note of a stamp; null is none.</summary>
    public void Observe(Stamp? stamp)
    {
        if (stamp is null)
        {
            return;
        }

        lock (_lock)
        {
            _highest = HlcTimestamp.Max(_highest, ToTimestamp(stamp));
        }
    }

    /// <summary>From the message.</summary>
    public static HlcTimestamp ToTimestamp(Stamp stamp) => new(stamp.Time, stamp.Source);

    /// <summary>As a message.</summary>
    public static Stamp ToMessage(HlcTimestamp stamp) => new() { Time = stamp.Time, Source = stamp.Source };
}
