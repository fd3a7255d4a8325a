/*
 * model.mjs: the conversation of the original application, as its Mongoose
 * models wrote it; for its service (baseline.mjs) and its data (seed.mjs).
 */
import mongoose from 'mongoose';

const { Mixed } = mongoose.Schema.Types;

const message = new mongoose.Schema({
	id: { type: Mixed, required: true },
	sender: {
		type: String,
		enum: ['user', 'seller', 'system'],
		required: true,
	},
	text: { type: String, default: '' },
	timestamp: String,
	isRead: Boolean,
	type: {
		type: String,
		enum: ['text', 'offer', 'test_drive_request'],
		default: 'text',
	},
	payload: { type: Mixed },
});

/** @param {boolean} journaled wait for the journal with every write */
export function conversationModel(journaled = false) {
	const schema = new mongoose.Schema({
		id: { type: String, unique: true, required: true },
		customerId: { type: String, index: true },
		customerName: String,
		sellerId: { type: String, index: true },
		sellerName: String,
		vehicleId: Number,
		vehicleName: String,
		vehiclePrice: Number,
		messages: [message],
		lastMessageAt: { type: String, index: true },
		isReadBySeller: Boolean,
		isReadByCustomer: Boolean,
		isFlagged: Boolean,
	}, {
		timestamps: true,
		writeConcern: journaled ? { j: true } : undefined,
	});
	schema.index({ customerId: 1, lastMessageAt: -1 });
	schema.index({ sellerId: 1, lastMessageAt: -1 });
	return mongoose.model('Conversation', schema);
}
