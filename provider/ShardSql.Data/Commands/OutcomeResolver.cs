using System;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Data.Sessions;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;

namespace ShardSql.Data.Commands;

/// <summary>
/// Finds out what became of a transaction whose session was lost, by asking any gateway for (session, sequence). Asks
/// again while the answer is "unknown" (the shards may be electing), within the connection's Timeout and at most
/// <see cref="MaxQuestions"/> times.
/// </summary>
internal sealed class OutcomeResolver(SessionConnector connector, TimeProvider time)
{
    /// <summary>Questions before the outcome is given up as unknown.</summary>
    public const int MaxQuestions = 100;

    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>The outcome; unknown when nobody could tell.</summary>
    public async ValueTask<Outcome> AskAsync(Session lost, ulong sequence)
    {
        var question = new OutcomeQuestion { SessionId = ByteString.CopyFrom(lost.Id), Sequence = sequence };
        question.Participants.AddRange(lost.Participants);
        using var timeout = new CancellationTokenSource(connector.Settings.Timeout, time);
        for (int asked = 0; asked < MaxQuestions && !timeout.IsCancellationRequested; asked++)
        {
            Outcome outcome = await AskOnceAsync(question, timeout.Token).ConfigureAwait(false);
            if (outcome != Outcome.Unknown)
            {
                return outcome;
            }

            await PauseAsync(asked, timeout.Token).ConfigureAwait(false);
        }

        return Outcome.Unknown;
    }

    private async ValueTask<Outcome> AskOnceAsync(OutcomeQuestion question, CancellationToken cancellationToken)
    {
        try
        {
            Session session = await connector.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using (session.ConfigureAwait(false))
            {
                using (cancellationToken.UnsafeRegister(
                    static state => ((Session)state!).Break("no answer about the outcome in time"), session))
                {
                    OutcomeReply reply = await session.AskOutcomeAsync(question).ConfigureAwait(false);
                    return reply.Outcome;
                }
            }
        }
        catch (Exception error) when (
            error is ShardSqlException or SessionLostException or GrpcException or OperationCanceledException)
        {
            // A gateway that cannot tell is no answer; the next one may know.
            return Outcome.Unknown;
        }
    }

    private async ValueTask PauseAsync(int asked, CancellationToken cancellationToken)
    {
        try
        {
            TimeSpan pause = s_firstPause * (asked + 1);
            await Task.Delay(pause < s_longestPause ? pause : s_longestPause, time, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop ends on the token itself.
        }
    }
}
