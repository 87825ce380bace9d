using System.Runtime.CompilerServices;

namespace Wspy.Tests.ServerTests;

/// <summary>This assembly as a small server program: what a test starts to send signals to.</summary>
internal static class ChildServer
{
    /// <summary>The environment variable that makes the process a server instead of a test run.</summary>
    public const string Variable = "WSPY_TESTS_CHILD_SERVER";

    /// <summary>Its value for a server on a socket that the process was started with.</summary>
    public const string Inherited = "inherited";

#pragma warning disable CA2255 // The test runner owns the entry point, and must not run in the child.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void RunIfChild()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } what)
        {
            return;
        }

        using var server = new EchoServer(new ServerOptions { Port = 0, ListenOn = what == Inherited ? [ListenAddress.Inherited("test")] : null });
        server.Start();
        Console.WriteLine(server.EndPoint.Port);
        server.Run();
        Environment.Exit(0);
    }

    private sealed class EchoServer(ServerOptions options) : Wspy.Server(options)
    {
        protected override void OnMessage(Client client, MessageView message) => client.Send(message);
    }
}
