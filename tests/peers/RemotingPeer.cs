// SPDX-License-Identifier: BSD-2-Clause
// RemotingPeer http|tcp PORT - a .NET Remoting server with one published object.
using System;
using System.Collections;
using System.Runtime.Remoting;
using System.Runtime.Remoting.Channels;
using System.Runtime.Remoting.Channels.Http;
using System.Runtime.Remoting.Channels.Tcp;
using System.Threading;

public class Service : MarshalByRefObject
{
	public Service()
	{
		Console.WriteLine("constructed");
		Console.Out.Flush();
	}

	public string Echo(string text)
	{
		Console.WriteLine("called");
		Console.Out.Flush();
		return text;
	}
}

public static class RemotingPeer
{
	public static int Main(string[] args)
	{
		IDictionary properties = new Hashtable();
		IServerChannelSinkProvider sinks = new BinaryServerFormatterSinkProvider();
		IChannel channel;

		properties["port"] = args[1];
		properties["bindTo"] = "127.0.0.1";
		if (args[0] == "http")
			channel = new HttpServerChannel(properties, sinks);
		else
			channel = new TcpServerChannel(properties, sinks);
		ChannelServices.RegisterChannel(channel, false);
		RemotingConfiguration.RegisterWellKnownServiceType(
			typeof(Service), "SLNetService", WellKnownObjectMode.Singleton);
		Console.WriteLine("started");
		Console.Out.Flush();
		Thread.Sleep(Timeout.Infinite);
		return 0;
	}
}
