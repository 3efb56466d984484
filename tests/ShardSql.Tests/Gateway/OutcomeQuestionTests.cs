using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ShardSql.Gateway;
using ShardSql.Primitives;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Storage.Client;
using ShardSql.Transactions;
using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>What became of a transaction whose reply was lost.</summary>
public sealed class OutcomeQuestionTests
{
    [Fact]
    public async Task Outcome_question_knows_committed_and_refuses_what_never_came()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        Execute update = TestSession.Request("UPDATE a SET v = 1");
        update.TransactionSequence = 5;
        (await session.RunAsync(update)).Ok();
        Assert.Equal(Outcome.Committed, (await AskAsync(session, 5)).Outcome);
        Assert.Equal(Outcome.RolledBack, (await AskAsync(session, 6)).Outcome);

        Execute late = TestSession.Request("UPDATE a SET v = 2");
        late.TransactionSequence = 6;
        (await session.RunAsync(late)).Refused(SqlStates.SerializationFailure);
        Assert.Equal(8, (await session.RunAsync("SELECT COUNT(*) FROM a WHERE v = 1")).Ok().Rows[0][0].AsInt64());
    }

    [Fact]
    public async Task Outcome_question_settles_an_undecided_attempt_by_its_votes()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        var id = new TxnId(77, 1, 1);
        ShardId[] participants = [new ShardId(1), new ShardId(2)];
        HlcTimestamp stamp = gateway.Server.Services.Stamps.Next();
        var share = new TransactionShare { Begin = stamp };
        await gateway.Cluster.PrepareAsync(
            participants[0], new PrepareRequest(id, stamp, participants, share), default);
        var question = new OutcomeQuestion { SessionId = Google.Protobuf.ByteString.CopyFrom(Id(77)), Sequence = 1 };
        await session.SendAsync(new ClientFrame { RequestId = 900, OutcomeQuestion = question });
        Assert.Equal(Outcome.RolledBack, (await session.ReceiveAsync()).OutcomeReply.Outcome);
        Assert.Equal(1, gateway.Cluster.CountTrace("QUERY s2"));
    }

    private static byte[] Id(byte last)
    {
        byte[] id = new byte[16];
        id[15] = last;
        return id;
    }

    private static async Task<OutcomeReply> AskAsync(TestSession session, ulong sequence)
    {
        await session.SendAsync(new ClientFrame
        {
            RequestId = 1000 + sequence,
            OutcomeQuestion = new OutcomeQuestion
            {
                SessionId = Google.Protobuf.ByteString.CopyFrom(session.SessionId),
                Sequence = sequence,
            },
        });
        return (await session.ReceiveAsync()).OutcomeReply;
    }
}
