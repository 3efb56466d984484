using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Protocol.Health;
using ServingStatus = ShardSql.Protocol.Health.HealthCheckResponse.Types.ServingStatus;

namespace ShardSql.Protocol;

/// <summary>States of services as the host sets them; <see cref="WatchAsync"/> follows each change.</summary>
public sealed class HealthEndpoint : IHealthEndpoint
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ServingStatus> _states = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Sets the state of a service ("" is the whole server) and tells the watchers.</summary>
    public void Set(string service, ServingStatus status)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _states[service] = status;
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    /// <inheritdoc/>
    public ServingStatus? Check(string service)
    {
        lock (_gate)
        {
            return _states.TryGetValue(service, out var status) ? status : null;
        }
    }

    /// <inheritdoc/>
    public async Task WatchAsync(
        IDuplexChannel<HealthCheckResponse, HealthCheckRequest> channel, CancellationToken cancellationToken)
    {
        var request = await channel.ReceiveAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new GrpcException(GrpcStatusCode.InvalidArgument, "Watch needs one request");
        ServingStatus? sent = null;
        while (true)
        {
            Task changed;
            ServingStatus status;
            lock (_gate)
            {
                changed = _changed.Task;
                status = _states.GetValueOrDefault(request.Service, ServingStatus.ServiceUnknown);
            }

            if (status != sent)
            {
                await channel.SendAsync(new HealthCheckResponse { Status = status }, cancellationToken)
                    .ConfigureAwait(false);
                sent = status;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
