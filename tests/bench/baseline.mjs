/*
 * baseline.mjs: the conversation service of the original application, on its
 * own stack (express, mongoose, socket.io): what a user would otherwise run.
 *
 *	URI=mongodb://... PORT=3001 node baseline.mjs
 *
 * LEAN=1 lists plain objects: its best case for reads.  ATOMIC=1 appends by
 * one findOneAndUpdate: its best case for writes.  J=1 waits for the journal.
 */
import http from 'node:http';
import express from 'express';
import mongoose from 'mongoose';
import { Server } from 'socket.io';
import { conversationModel } from './model.mjs';

const { URI, PORT = '3001', LEAN, ATOMIC, J } = process.env;
const Conversation = conversationModel(J === '1');

const output = (one) => ({
	id: one.id,
	customerId: one.customerId,
	customerName: one.customerName,
	sellerId: one.sellerId,
	vehicleId: one.vehicleId,
	vehicleName: one.vehicleName,
	vehiclePrice: one.vehiclePrice,
	messages: one.messages || [],
	lastMessageAt: one.lastMessageAt,
	isReadBySeller: one.isReadBySeller,
	isReadByCustomer: one.isReadByCustomer,
	isFlagged: one.isFlagged,
});

async function appendBySave(id, message) {
	const conversation = await Conversation.findOne({ id });
	if (!conversation)
		return null;
	conversation.messages.push(message);
	conversation.lastMessageAt =
		message.timestamp || new Date().toISOString();
	conversation.isReadBySeller = message.sender === 'seller';
	conversation.isReadByCustomer = message.sender !== 'seller';
	await conversation.save();
	return conversation;
}

const appendByUpdate = (id, message) => Conversation.findOneAndUpdate({ id }, {
	$push: { messages: message },
	$set: { lastMessageAt: message.timestamp || new Date().toISOString() },
}, { new: true, lean: true });

const append = ATOMIC === '1' ? appendByUpdate : appendBySave;

const app = express();
app.use(express.json({ limit: '10mb' }));

app.get('/api/conversations', async (request, response) => {
	const { customerId, sellerId } = request.query;
	const list = Conversation.find({
		...(customerId && { customerId }),
		...(sellerId && { sellerId }),
	}).sort({ lastMessageAt: -1 });
	const found = await (LEAN === '1' ? list.lean() : list);
	response.json({ success: true, data: found.map(output) });
});

app.post('/api/conversations', async (request, response) => {
	const conversation = await Conversation.findOneAndUpdate(
		{ id: request.body.id }, { $set: request.body },
		{ upsert: true, new: true });
	response.json({ success: true, data: output(conversation) });
});

app.put('/api/conversations', async (request, response) => {
	const { conversationId, message } = request.body;
	const conversation = await append(conversationId, message);
	if (!conversation)
		return response.status(404).json({ success: false });
	response.json({ success: true, data: output(conversation) });
});

const server = http.createServer(app);
const io = new Server(server, { cors: { origin: '*' } });

io.on('connection', (socket) => {
	/* The answer is ours: a load has to know when it may begin. */
	socket.on('conversation:join', ({ conversationId }, answer) => {
		socket.join(`c:${conversationId}`);
		answer?.({ success: true });
	});
	socket.on('conversation:message', async (event) => {
		const { conversationId, message } = event;
		const conversation = await append(conversationId, message);
		if (!conversation)
			return;
		io.to(`c:${conversationId}`).emit('conversation:new-message', {
			conversationId,
			message,
			conversation: {
				id: conversation.id,
				customerId: conversation.customerId,
				sellerId: conversation.sellerId,
				lastMessageAt: conversation.lastMessageAt,
				isReadBySeller: conversation.isReadBySeller,
				isReadByCustomer: conversation.isReadByCustomer,
			},
		});
	});
});

await mongoose.connect(URI, { maxPoolSize: 20 });
await Conversation.init();
server.listen(Number(PORT), '127.0.0.1', () => console.log('up'));
